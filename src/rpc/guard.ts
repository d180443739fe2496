/**
 * What stands before comlink. By itself `Comlink.expose` walks any property path that a peer names,
 * which for an allowed page means code in the frame (`constructor.constructor`). So nothing reaches
 * it but what `readCall` rebuilds from its parts: APPLY of one listed method with RAW arguments
 * that passed that method's check. The page's side needs none of comlink: rpc/calls.ts reads a RAW
 * result and nothing else.
 */
import { type Endpoint, expose } from 'comlink';
import type { RawValue, WireCall, WireResult } from './contract.ts';
import { HadokenError, toClause, toWireError } from './errors.ts';
import { isList } from './is-count.ts';
import { isObject } from './is-object.ts';
import { post, transferablesOf } from './transfer.ts';

/** Whether these arguments are of the contract's shape. */
export type MethodCheck = (args: readonly unknown[]) => boolean;
export type MethodChecks = ReadonlyMap<string, MethodCheck>;

/** In characters. Ours are a few digits, comlink's own less than 64. */
const MAX_ID = 128;

function isRaw(value: unknown): value is RawValue {
  return isObject(value) && value.type === 'RAW';
}

function isId(id: unknown): id is string {
  return typeof id === 'string' && id.length <= MAX_ID;
}

/** A call as the host may see it, or undefined. */
export function readCall(data: unknown, checks: MethodChecks): WireCall | undefined {
  if (!isObject(data)) return undefined;
  const { id, type, path, argumentList } = data;
  if (type !== 'APPLY' || !isId(id)) return undefined;
  if (!Array.isArray(path) || path.length !== 1 || typeof path[0] !== 'string') return undefined;
  if (!isList(argumentList) || !argumentList.every(isRaw)) return undefined;
  const args = argumentList.map(({ value }) => value);
  if (!checks.get(path[0])?.(args)) return undefined;
  return { id, type, path: [path[0]], argumentList: args.map((value) => ({ type: 'RAW', value })) };
}

/** What a page of another release is told, which would wait for ever. */
export function unknownCall(): HadokenError {
  return new HadokenError(
    'INVALID_ARGUMENT',
    'The frame does not know this call. Load hadoken.js and frame.js of the same release.',
  );
}

function refusal(id: string, error: unknown): WireResult {
  return { id, type: 'RAW', value: { error: toWireError(error) } };
}

/**
 * `port` as comlink's endpoint, with {@link readCall} before its listener. What that does not take
 * goes to `onRefused` and no further; if it has an id, its sender is told.
 */
function guardedEndpoint(
  port: MessagePort,
  checks: MethodChecks,
  onRefused: (data: unknown) => void,
): Endpoint {
  return {
    postMessage(message: WireResult) {
      try {
        post(port, message, transferablesOf(Object.values(message.value)));
      } catch (error) {
        // A service's result that does not clone.
        const why =
          `The answer can't be sent to the page: ${toClause(error)}. ` +
          'Return what structured clone takes.';
        port.postMessage(refusal(message.id, new HadokenError('UNSUPPORTED', why)));
      }
    },
    addEventListener(_type, listener) {
      const handle = listener as unknown as (event: { data: WireCall }) => void;
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        const call = readCall(data, checks);
        if (call) return handle({ data: call });
        onRefused(data);
        if (!isObject(data) || !isId(data.id)) return;
        port.postMessage(refusal(data.id, unknownCall()));
      };
    },
    removeEventListener() {
      port.onmessage = null;
    },
  };
}

/**
 * Answers the calls that come over `port` with `contract`: comlink's `expose`, behind the guard.
 */
export function exposeGuarded(
  contract: object,
  port: MessagePort,
  checks: MethodChecks,
  onRefused: (data: unknown) => void,
): void {
  expose(contract, guardedEndpoint(port, checks, onRefused));
}
