import type { TestEnv } from '../../support/env.ts';

/** The differences that docs/drop-in.md lists: what a case comes to with ours, by engine. */
export const listed: Record<string, Partial<Record<TestEnv['engine'], unknown>>> = {};
