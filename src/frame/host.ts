/**
 * Does the work for one page over its port. Touches neither `window` nor `document`: it runs in a worker, in the
 * frame's window, or over a bare MessageChannel, with the effects it is given.
 */
import { expose } from 'comlink';
import { isWireRequest } from '../ajax/request.ts';
import type { HostContract, Outcome } from '../rpc/contract.ts';
import { HadokenError, toWireError } from '../rpc/errors.ts';
import { admitCall, guardedEndpoint, type MethodChecks } from '../rpc/guard.ts';
import { type Answer, negotiate, VERSIONS } from '../rpc/handshake.ts';
import { isAllowedOrigin, type OriginPattern, parseOriginPattern } from '../rpc/origins.ts';
import { createFetchHost } from './fetch.ts';
import type { Entry } from './gate.ts';
import type { Context, ServeOptions } from './options.ts';
import { createServiceHost } from './service.ts';

/** What the host does its work with. */
export type Effects = {
  /** The frame's own origin. */
  origin: string;
  fetch: typeof fetch;
  log(message: string): void;
};

const isPort = (value: unknown): boolean => value instanceof MessagePort;

const CHECKS: MethodChecks = new Map([
  ['ping', (args) => args.length === 0],
  ['fetch', ([request, port, ...rest]) => rest.length === 0 && isWireRequest(request) && isPort(port)],
  ['push', ([port, ...rest]) => rest.length === 0 && isPort(port)],
  [
    'call',
    ([service, method, args, ...rest]) =>
      rest.length === 0 && typeof service === 'string' && typeof method === 'string' && Array.isArray(args),
  ],
]);

/** `work` as an outcome: what it throws crosses as data. */
export async function toOutcome<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: toWireError(error) };
  }
}

/** Answers an offer that can't be served. */
export function refuseEntry({ origin, port }: Entry, frameOrigin: string): void {
  const message =
    `The frame on ${frameOrigin} refused this page: '${origin}' is not among its origins. ` +
    `Add '${origin}' to origins in the frame's host.js.`;
  port.postMessage({ hadoken: 'REFUSE', code: 'ORIGIN_REFUSED', message } satisfies Answer);
}

/** Step 4 of the handshake for every page that comes, and then its calls. Throws INVALID_ARGUMENT for bad options. */
export function createHost(options: ServeOptions, effects: Effects): (entry: Entry) => void {
  const origins: OriginPattern[] = options.origins.map(parseOriginPattern);
  const createFetch = createFetchHost(options, effects);
  const callService = createServiceHost(options.services);

  const serveCalls = (port: MessagePort, context: Context): void => {
    const fetchHost = createFetch(context);
    const contract: HostContract = {
      ping: () => ({ value: undefined }),
      fetch: (request, requestPort) => fetchHost(request, requestPort),
      push: () => ({ error: toWireError(new HadokenError('UNSUPPORTED', 'no push yet')) }),
      call: (service, method, args) => toOutcome(() => callService(service, method, args)),
    };
    const refused = (): void =>
      effects.log(`dropped a message from ${context.origin} that is not in the contract`);
    expose(
      contract,
      guardedEndpoint(port, (data) => admitCall(data, CHECKS), refused),
    );
  };

  return async (entry) => {
    const { origin, offer, port } = entry;
    if (!isAllowedOrigin(origin, origins)) return refuseEntry(entry, effects.origin);
    const answer = (message: Answer): void => port.postMessage(message);
    const version = negotiate(VERSIONS, offer.versions);
    if (version === undefined)
      return answer({
        hadoken: 'REFUSE',
        code: 'VERSION_MISMATCH',
        message: `The page speaks protocol ${offer.versions.join('–')}, the frame on ${effects.origin} ${VERSIONS.join('–')}. Load hadoken.js and frame.js of the same release.`,
      });
    try {
      const { config } = options;
      const context: Context = { origin };
      const value: unknown = typeof config === 'function' ? await config(context) : config;
      serveCalls(port, context);
      answer({ hadoken: 'ACCEPT', version, features: ['fetch', 'service'], config: value });
    } catch (error) {
      answer({
        hadoken: 'REFUSE',
        code: 'HOST_FAILED',
        message: `config in host.js failed: ${String(error)}`,
      });
    }
  };
}
