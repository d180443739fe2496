/** The AbortSignals among the arguments of a service's method, which cross as what they say. */
import { attempt, HadokenError } from '../../rpc/errors.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';
import type { SignalMessage, SignalPlace, WireSignals } from '../../rpc/wire/service.ts';

export type TakenSignals = {
  /** What crosses: the arguments without their signals, and where those were, if there were. */
  given: [args: unknown[], signals?: WireSignals];
  transfers: Transferable[];
  /** The call is over. Nothing is left on the page's signals. */
  release(): void;
};

/** What the frame is told of a signal that has aborted. A reason that does not clone stays here. */
function toMessage(place: number, { reason }: AbortSignal): SignalMessage {
  const { name, message } = Object(reason);
  if (isPlatformObject(reason, 'DOMException'))
    return { place, error: { name, message, dom: true } };
  return { place, reason: attempt(() => structuredClone(reason)) };
}

/**
 * Takes the signals out of `args`, and out of plain objects among them. What aborts is told to the
 * frame until release(). Throws INVALID_ARGUMENT for a function, which never crosses.
 */
export function takeSignals(what: string, args: unknown[]): TakenSignals {
  const places: SignalPlace[] = [];
  const signals: AbortSignal[] = [];
  /** Whether it is a signal, which is taken then. */
  const take = (value: unknown, ...place: SignalPlace): boolean => {
    const [argument, member] = place;
    if (typeof value === 'function')
      throw new HadokenError(
        'INVALID_ARGUMENT',
        `${what}: argument ${argument + 1}${member ? `, its ${member},` : ''} is a function, ` +
          'which never crosses. Have the method return an async iterable.',
      );
    if (!isPlatformObject(value, 'AbortSignal')) return false;
    places.push(place);
    return !!signals.push(value);
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
  signals.forEach((signal, place) => {
    if (signal.aborted) aborted.push(toMessage(place, signal));
    else
      signal.addEventListener('abort', () => post(toMessage(place, signal)), {
        signal: over.signal,
      });
  });
  return {
    given: [sent, { places, port: port2, aborted }],
    transfers: [port2],
    release() {
      over.abort();
      port1.close();
    },
  };
}
