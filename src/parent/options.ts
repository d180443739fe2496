/** What a page gives to `connect()`. The public contract: names and shapes here are fixed. */
import type { Logger, LogLevel } from './log.ts';

export interface ConnectOptions {
  /** For one attempt at the handshake, and for a call that waits for the frame, in ms. @default 10_000 */
  timeout?: number;
  /** How often a connection that failed or was lost is tried again. @default Infinity */
  reconnectionAttempts?: number;
  /** Before the first retry, in ms; doubles. @default 500 */
  reconnectionDelay?: number;
  /** The longest wait between two retries, in ms. @default 30_000 */
  reconnectionDelayMax?: number;
  /** Without a sign of life before the frame counts as lost, in ms. @default 25_000 */
  heartbeat?: number;
  /** What is written to the console, from this level up, or what is told instead of it. @default 'warn' */
  log?: LogLevel | Logger;
}
