/**
 * The page's end of the calls: it speaks comlink's wire format, of which a page needs APPLY with RAW values and no
 * more. comlink itself answers, on the frame's side; here its `wrap` would cost a fifth of what the page may load,
 * a Proxy at every access, and a way in for its `proxy` values.
 */
import type { HostContract, Outcome, WireCall, WireResult } from './contract.ts';
import { fromWireError, type WireError } from './errors.ts';

type Value<M extends keyof HostContract> =
  Awaited<ReturnType<HostContract[M]>> extends Outcome<infer T> ? T : never;

/** Calls a method of the host: its value or its rebuilt error, and never later than the session's end. */
export type HostCall = <M extends keyof HostContract>(
  method: M,
  args: Parameters<HostContract[M]>,
  transfer?: Transferable[],
) => Promise<Value<M>>;

type Outstanding = [resolve: (value: unknown) => void, reject: (reason: unknown) => void];

/**
 * Calls over `port`. When `lost` aborts, its reason settles everything that is outstanding. A message that answers
 * no call is nothing; one that answers with anything but an outcome fails that call.
 */
export function callHost(port: MessagePort, lost: AbortSignal): HostCall {
  const outstanding = new Map<unknown, Outstanding>();
  let calls = 0;
  port.onmessage = ({ data }: MessageEvent<Partial<WireResult> | null>) => {
    const id = data?.id;
    const call = outstanding.get(id);
    if (!call) return;
    outstanding.delete(id);
    const { value, error } = Object(data?.value) as { value?: unknown; error?: WireError };
    if (data?.type === 'RAW' && !error) call[0](value);
    else call[1](fromWireError(error ?? { name: 'Error', message: 'The frame failed.' }));
  };
  lost.addEventListener('abort', () => {
    for (const [, reject] of outstanding.values()) reject(lost.reason);
    outstanding.clear();
  });
  return ((method: string, args: unknown[], transfer: Transferable[] = []) =>
    new Promise<unknown>((resolve, reject) => {
      if (lost.aborted) return reject(lost.reason);
      const id = `${++calls}`;
      const argumentList = args.map((value) => ({ type: 'RAW' as const, value }));
      const message: WireCall = { id, type: 'APPLY', path: [method], argumentList };
      port.postMessage(message, transfer);
      outstanding.set(id, [resolve, reject]);
    })) as HostCall;
}
