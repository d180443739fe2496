/**
 * The page's end of the calls: it speaks comlink's wire format, of which a page needs APPLY with RAW values and no
 * more. comlink itself answers, on the frame's side; here its `wrap` would cost a fifth of what the page may load,
 * a Proxy at every access, and a way in for its `proxy` values.
 */
import type { HostContract, Outcome, WireCall, WireResult } from './contract.ts';
import { fromWireError } from './errors.ts';

type Value<M extends keyof HostContract> =
  Awaited<ReturnType<HostContract[M]>> extends Outcome<infer T> ? T : never;

/** Calls a method of the host: its value or its rebuilt error, and never later than the session's end. */
export type HostCall = <M extends keyof HostContract>(
  method: M,
  args: Parameters<HostContract[M]>,
  transfer?: Transferable[],
) => Promise<Value<M>>;

type Outstanding = { resolve(value: unknown): void; reject(reason: unknown): void };

/** Reads a result that the host sent, or undefined for anything else. */
function readResult(data: unknown): WireResult | undefined {
  const { type, value } = (data ?? {}) as Partial<WireResult>;
  return type === 'RAW' && typeof value === 'object' && value !== null ? (data as WireResult) : undefined;
}

/** Calls over `port`. When `lost` aborts, its reason settles everything that is outstanding. */
export function callHost(port: MessagePort, lost: AbortSignal): HostCall {
  const outstanding = new Map<string, Outstanding>();
  let calls = 0;
  port.onmessage = ({ data }) => {
    const result = readResult(data);
    const call = result && outstanding.get(result.id);
    if (!call) return;
    outstanding.delete(result.id);
    if ('error' in result.value) call.reject(fromWireError(result.value.error));
    else call.resolve(result.value.value);
  };
  lost.addEventListener('abort', () => {
    for (const { reject } of outstanding.values()) reject(lost.reason);
    outstanding.clear();
  });
  return ((method: string, args: unknown[], transfer: Transferable[] = []) =>
    new Promise((resolve, reject) => {
      if (lost.aborted) return reject(lost.reason);
      const id = String(++calls);
      const argumentList = args.map((value) => ({ type: 'RAW' as const, value }));
      const message: WireCall = { id, type: 'APPLY', path: [method], argumentList };
      port.postMessage(message, transfer);
      outstanding.set(id, { resolve, reject });
    })) as HostCall;
}
