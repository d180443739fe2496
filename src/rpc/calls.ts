/**
 * The page's end of the calls: it speaks comlink's wire format, of which a page needs APPLY with
 * RAW values and no more. comlink itself answers, on the frame's side; here its `wrap` would cost a
 * fifth of what the page may load, a Proxy at every access, and a way in for its `proxy` values.
 */
import type { HostContract, Outcome, WireCall } from './contract.ts';
import { fromWireError } from './errors.ts';
import { isPort } from './is-platform-object.ts';
import { post } from './transfer.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever a contract's methods take
type Method = (...args: any[]) => unknown;
type Value<F extends Method> = Awaited<ReturnType<F>> extends Outcome<infer T> ? T : never;

/**
 * Calls a method of `Contract`: its value or its rebuilt error, and never later than the session's
 * end.
 */
export type Call<Contract extends Record<keyof Contract, Method>> = <M extends keyof Contract>(
  method: M,
  args: Parameters<Contract[M]>,
  transfer?: Transferable[],
) => Promise<Value<Contract[M]>>;

/** Calls a method of the host. */
export type HostCall = Call<HostContract>;

/**
 * What has the port of a stream, where a service's method gives one: by a symbol, which nothing has
 * that was cloned, and which is the same in every copy of this code.
 */
const ITEMS = Symbol.for('hadoken.items');

/** The port of the stream that `answer` is, if it is one. */
export function itemsPortOf(answer: unknown): MessagePort | undefined {
  return Object(answer)[ITEMS];
}

type Outstanding = { resolve(value: unknown): void; reject(reason: unknown): void };

/**
 * Calls over `port`. When `lost` aborts, its reason settles everything that is outstanding. A
 * message that answers no call goes to `onOther`. One that answers a call settles it, whatever the
 * message holds: what can't be read rejects the call, and so does what throws while an error is
 * rebuilt.
 */
export function callHost<Contract extends Record<keyof Contract, Method> = HostContract>(
  port: MessagePort,
  lost: AbortSignal,
  onOther?: (message: unknown) => void,
): Call<Contract> {
  const outstanding = new Map<unknown, Outstanding>();
  let calls = 0;
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    const { id, type, value } = Object(data) as Record<string, unknown>;
    const call = outstanding.get(id);
    if (!call) return onOther?.(data);
    outstanding.delete(id);
    const outcome = Object(value) as Record<string, unknown>;
    if (type === 'RAW' && isPort(outcome.items)) call.resolve({ [ITEMS]: outcome.items });
    else if (type === 'RAW' && !outcome.error) call.resolve(outcome.value);
    else call.reject(fromWireError(outcome.error));
  };
  port.start();
  lost.addEventListener('abort', () => {
    for (const { reject } of outstanding.values()) reject(lost.reason);
    outstanding.clear();
  });
  return ((method: string, args: unknown[], transfer: Transferable[] = []) =>
    new Promise<unknown>((resolve, reject) => {
      if (lost.aborted) return reject(lost.reason);
      const id = `${++calls}`;
      const argumentList = args.map((value) => ({ type: 'RAW' as const, value }));
      const message: WireCall = { id, type: 'APPLY', path: [method], argumentList };
      post(port, message, transfer);
      outstanding.set(id, { resolve, reject });
    })) as Call<Contract>;
}
