import type { Manager } from 'socket.io-client';

/**
 * Whether the server's heartbeat is overdue, as after the computer has slept, though no timer has
 * said so yet. What is written then is lost. The engine closes itself when it is asked, as when the
 * original's `emit()` asks it.
 */
export function hasPingExpired({ engine }: Manager): boolean {
  const { _hasPingExpired: ask } = engine as { _hasPingExpired?: () => boolean };
  return !!ask && Reflect.apply(ask, engine, []);
}
