/** What the vaults of one origin tell each other, of this release and of others. */
import { isCount } from '../../rpc/is-count.ts';

export type VaultMessage = { generation: number } & (
  | { type: 'state'; isCleared: boolean }
  | { type: 'token'; origin: string; count: number; until: number; token: string }
  | { type: 'ask'; origin: string; count: number }
);

/** `value`, or undefined for what is no message of ours. */
export function readVaultMessage(value: unknown): VaultMessage | undefined {
  const { type, generation, isCleared, origin, count, until, token } = Object(value) as Record<
    string,
    unknown
  >;
  if (!isCount(generation)) return undefined;
  if (type === 'state' && typeof isCleared === 'boolean') return { type, generation, isCleared };
  if (typeof origin !== 'string' || !isCount(count)) return undefined;
  if (type === 'ask') return { type, generation, origin, count };
  if (type !== 'token' || typeof until !== 'number' || typeof token !== 'string') return undefined;
  return { type, generation, origin, count, until, token };
}
