/**
 * What stands before comlink. By itself `Comlink.expose` walks any property path that a peer names, which for an
 * allowed page means code in the frame (`constructor.constructor`). So nothing reaches it but what `admitCall`
 * rebuilds from its parts: APPLY of one listed method with RAW arguments that passed that method's check.
 * The page's side needs none of comlink: rpc/calls.ts reads a RAW result and nothing else.
 */
import type { Endpoint } from 'comlink';
import type { RawValue, WireCall } from './contract.ts';

/** By method: are these arguments of the contract's shape? */
export type MethodChecks = ReadonlyMap<string, (args: readonly unknown[]) => boolean>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isRaw(value: unknown): value is RawValue {
  return isObject(value) && value.type === 'RAW';
}

/** A call as the host may see it, or undefined. */
export function admitCall(data: unknown, checks: MethodChecks): WireCall | undefined {
  if (!isObject(data)) return undefined;
  const { id, type, path, argumentList } = data;
  if (type !== 'APPLY' || typeof id !== 'string' || id.length > 128) return undefined;
  if (!Array.isArray(path) || path.length !== 1 || typeof path[0] !== 'string') return undefined;
  if (!Array.isArray(argumentList) || !argumentList.every(isRaw)) return undefined;
  const args = argumentList.map(({ value }) => value);
  if (!checks.get(path[0])?.(args)) return undefined;
  return { id, type, path: [path[0]], argumentList: args.map((value) => ({ type: 'RAW', value })) };
}

/**
 * `port` as comlink's endpoint, with `admit` before its listener. What is not admitted goes to `refused` and no further.
 */
export function guardedEndpoint(
  port: MessagePort,
  admit: (data: unknown) => object | undefined,
  refused: (data: unknown) => void,
): Endpoint {
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer ?? []),
    addEventListener(_type, listener) {
      const handle = listener as unknown as (event: { data: unknown }) => void;
      port.onmessage = ({ data }) => {
        const message = admit(data);
        if (message) handle({ data: message });
        else refused(data);
      };
    },
    removeEventListener() {
      port.onmessage = null;
    },
  };
}
