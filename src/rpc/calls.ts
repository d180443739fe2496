import { type Remote, transfer, wrap } from 'comlink';
import type { HostContract, Outcome } from './contract.ts';
import { fromWireError } from './errors.ts';
import { admitResult, guardedEndpoint } from './guard.ts';

/** The host's methods as the page calls them: a value or a rebuilt error, and never later than the port's end. */
export type HostCalls = {
  [M in keyof HostContract]: (
    args: Parameters<HostContract[M]>,
    transfers?: Transferable[],
  ) => Promise<Awaited<ReturnType<HostContract[M]>> extends Outcome<infer T> ? T : never>;
};

/**
 * Calls over `port`. `lost` settles everything that is outstanding with its `reason` when the other side is gone:
 * comlink's own promises would wait for ever.
 */
export function callHost(port: MessagePort, lost: AbortSignal): HostCalls {
  const remote = wrap<HostContract>(guardedEndpoint(port, admitResult));
  const outstanding = new Set<(reason: unknown) => void>();
  lost.addEventListener('abort', () => {
    for (const reject of outstanding) reject(lost.reason);
    outstanding.clear();
  });

  // Each access makes comlink a new Proxy: take the method once.
  const method = <M extends keyof HostContract>(name: M) => {
    const apply = remote[name] as Remote<(...args: unknown[]) => Promise<Outcome<unknown>>>;
    return (args: unknown[], transfers: Transferable[] = []) =>
      new Promise<unknown>((resolve, reject) => {
        if (lost.aborted) return reject(lost.reason);
        outstanding.add(reject);
        // comlink takes transfers from the argument they belong to; the last one stands for all.
        if (transfers.length > 0) transfer(args[args.length - 1] as object, transfers);
        apply(...args)
          .then((outcome) => {
            if ('error' in outcome) throw fromWireError(outcome.error);
            return outcome.value;
          })
          .then(resolve, reject)
          .finally(() => outstanding.delete(reject));
      });
  };
  return {
    ping: method('ping'),
    fetch: method('fetch'),
    push: method('push'),
    call: method('call'),
  } as HostCalls;
}
