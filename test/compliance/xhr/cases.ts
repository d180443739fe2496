import { answerCases } from './cases/answers.ts';
import type { Case } from './outcome.ts';

/** Every case, by its part. They run in two realms: here after takeOver, and in the frame of the platform's own class. */
export const parts: Record<string, Case[]> = {
  answers: answerCases,
};
