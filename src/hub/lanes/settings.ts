/** The settings of a Manager that several pages share. */
import type { ManagerSettings } from '../../rpc/wire/push-packet.ts';

/**
 * As the most patient and the most eager of them would have it, so that none is without a
 * connection because of another. `all` is not empty.
 */
export function mergeSettings(all: readonly ManagerSettings[]): ManagerSettings {
  const numbers = (name: keyof ManagerSettings): number[] => all.map((of) => Number(of[name]));
  return {
    reconnection: all.some(({ reconnection }) => reconnection),
    reconnectionAttempts: Math.max(...numbers('reconnectionAttempts')),
    reconnectionDelay: Math.min(...numbers('reconnectionDelay')),
    reconnectionDelayMax: Math.min(...numbers('reconnectionDelayMax')),
    randomizationFactor: Math.max(...numbers('randomizationFactor')),
    timeout: all.some(({ timeout }) => timeout === false) ? false : Math.max(...numbers('timeout')),
  };
}
