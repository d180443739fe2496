/** The AbortSignals among the arguments of a service's method, as the method gets them. */
import { fromWireError } from '../../rpc/errors.ts';
import {
  readSignalMessage,
  readSignals,
  type SignalMessage,
  type WireSignals,
} from '../../rpc/wire/service.ts';

export type ReceivedArguments = {
  args: unknown[];
  /** Hears nothing more of the page's signals: the call is over. */
  release(): void;
};

/** `given` with a signal at each position of `signals`: it aborts when the page's own does. */
export function receiveSignals(given: unknown[], signals?: WireSignals): ReceivedArguments {
  const read = signals && readSignals(signals, given);
  if (!read) return { args: given, release() {} };
  const { positions, port, aborted } = read;
  const args = [...given];
  const controls = positions.map(([argument, member]) => {
    const control = new AbortController();
    const { signal: value } = control;
    if (member === undefined) args[argument] = value;
    // What a page has sent is a plain object, with names of its choice.
    else
      Object.defineProperty(args[argument], member, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    return control;
  });
  const abort = ({ index, error, reason }: SignalMessage): void =>
    controls[index]?.abort(error === undefined ? reason : fromWireError(error));
  aborted.forEach(abort);
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    const message = readSignalMessage(data);
    if (message) abort(message);
  };
  return {
    args,
    release() {
      port.onmessage = null;
      port.close();
    },
  };
}
