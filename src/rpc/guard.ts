/**
 * What stands before comlink. By itself `Comlink.expose` walks any property path that a peer names, which for an
 * allowed page means code in the frame (`constructor.constructor`), and a `proxy` value means the same the other
 * way round. So nothing reaches comlink but what these two functions rebuild from its parts:
 * towards the host, APPLY of one listed method with RAW arguments that passed that method's check;
 * towards the page, a RAW result.
 */
import type { Endpoint } from 'comlink';

type Wire = { id: string; type: string };
type RawValue = { type: 'RAW'; value: unknown };

/** By method: are these arguments of the contract's shape? */
export type MethodChecks = ReadonlyMap<string, (args: readonly unknown[]) => boolean>;

function isWire(data: unknown): data is Wire & Record<string, unknown> {
  const wire = data as Partial<Wire> | null;
  return typeof wire === 'object' && wire !== null && typeof wire.id === 'string' && typeof wire.type === 'string';
}

function isRaw(value: unknown): value is RawValue {
  return typeof value === 'object' && value !== null && (value as RawValue).type === 'RAW';
}

/** A call as the host may see it, or undefined. */
export function admitCall(data: unknown, checks: MethodChecks): object | undefined {
  if (!isWire(data) || data.type !== 'APPLY' || data.id.length > 128) return undefined;
  const { id, path, argumentList } = data;
  if (!Array.isArray(path) || path.length !== 1 || typeof path[0] !== 'string') return undefined;
  if (!Array.isArray(argumentList) || !argumentList.every(isRaw)) return undefined;
  const check = checks.get(path[0]);
  const args = argumentList.map(({ value }) => value);
  if (!check?.(args)) return undefined;
  return { id, type: 'APPLY', path: [path[0]], argumentList: args.map((value) => ({ type: 'RAW', value })) };
}

/** A result as the page may see it, or undefined. */
export function admitResult(data: unknown): object | undefined {
  return isWire(data) && isRaw(data) ? { id: data.id, type: 'RAW', value: data.value } : undefined;
}

/**
 * `port` as comlink's endpoint, with `admit` before its listener. What is not admitted goes to `refused` and no further.
 */
export function guardedEndpoint(
  port: MessagePort,
  admit: (data: unknown) => object | undefined,
  refused: (data: unknown) => void = () => {},
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
