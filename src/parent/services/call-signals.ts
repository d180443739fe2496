/** The AbortSignals among the arguments of a service's method, which cross as what they say. */
import { attempt, HadokenError } from '../../rpc/errors.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';
import type { SignalMessage, SignalPosition, WireSignals } from '../../rpc/wire/service.ts';

export type TakenSignals = {
  /** What crosses: the arguments without their signals, and where those were, if there were. */
  given: [args: unknown[], signals?: WireSignals];
  transfers: Transferable[];
  /** The call is over. Nothing is left on the page's signals. */
  release(): void;
};

/** What the frame is told of a signal that has aborted. A reason that does not clone stays here. */
function toMessage(index: number, { reason }: AbortSignal): SignalMessage {
  if (isPlatformObject(reason, 'DOMException')) {
    const { name, message } = reason;
    return { index, error: { name, message, dom: true } };
  }
  return { index, reason: attempt(() => structuredClone(reason)) };
}

/**
 * Takes the signals out of `args`, and out of plain objects among them. What aborts is told to the
 * frame until release(). Throws INVALID_ARGUMENT for a function, which never crosses.
 */
export function takeSignals(what: string, args: unknown[]): TakenSignals {
  const positions: SignalPosition[] = [];
  const signals: AbortSignal[] = [];
  /** Whether it is a signal, which is taken then. */
  const take = (value: unknown, ...position: SignalPosition): boolean => {
    const [argument, member] = position;
    if (typeof value === 'function')
      throw new HadokenError(
        'INVALID_ARGUMENT',
        `${what}: argument ${argument + 1}${member ? `, its ${member},` : ''} is a function, ` +
          'which never crosses. Have the method return an async iterable.',
      );
    if (!isPlatformObject(value, 'AbortSignal')) return false;
    positions.push(position);
    signals.push(value);
    return true;
  };
  const sent = args.map((arg, argument) => {
    if (take(arg, argument)) return undefined;
    if (!isPlatformObject(arg, 'Object')) return arg;
    const members = Object.entries(arg);
    const rest = members.filter(([name, value]) => !take(value, argument, name));
    return rest.length < members.length ? Object.fromEntries(rest) : arg;
  });
  if (!signals[0]) return { given: [sent], transfers: [], release() {} };

  const { port1, port2 } = new MessageChannel();
  const post = (message: SignalMessage): void => port1.postMessage(message);
  const over = new AbortController();
  const aborted: SignalMessage[] = [];
  signals.forEach((signal, index) => {
    if (signal.aborted) aborted.push(toMessage(index, signal));
    else
      signal.addEventListener('abort', () => post(toMessage(index, signal)), {
        signal: over.signal,
      });
  });
  return {
    given: [sent, { positions, port: port2, aborted }],
    transfers: [port2],
    release() {
      over.abort();
      port1.close();
    },
  };
}
