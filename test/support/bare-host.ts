import type { Effects } from '../../src/frame/effects.ts';
import { createHost, type Host } from '../../src/frame/host.ts';
import type { Notify } from '../../src/frame/notices.ts';
import type { ServeOptions } from '../../src/frame/options.ts';
import { createExchanges } from '../../src/parent/ajax/exchanges.ts';
import { createFetch } from '../../src/parent/ajax/fetch.ts';
import { createConnection } from '../../src/parent/connection/connection.ts';
import type { OpenSession } from '../../src/parent/connection/session.ts';
import { createLease } from '../../src/parent/lease.ts';
import { readOptions } from '../../src/parent/options.ts';
import { createPushLink } from '../../src/parent/push/link.ts';
import type { RequestReport } from '../../src/parent/reports/report.ts';
import { createReports } from '../../src/parent/reports/reports.ts';
import {
  createService,
  type Remote,
  type ServiceOptions,
} from '../../src/parent/services/service.ts';
import { callHost } from '../../src/rpc/calls.ts';
import type { HostContract } from '../../src/rpc/contract.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { VERSIONS } from '../../src/rpc/handshake.ts';
import { readNoticeMessage } from '../../src/rpc/wire/notice.ts';

/** Where the bare host's API would be. Nothing is there: its `fetch` is the test's. */
export const API = 'https://api.test';
export const PAGE = 'https://app.test';

/** Ends what a page gets where a function of host.js failed. */
export const WHERE_WHY =
  'Why is on the console of the frame, or of its SharedWorker (chrome://inspect/#workers) ' +
  'where connections are shared.';

export type BareHost = {
  fetch: ReturnType<typeof createFetch>;
  service: <T>(name: string, options?: ServiceOptions) => Remote<T>;
  /** Ends the session; the next call finds the same host again. */
  lose(): void;
  /** What `close()` of a handle does to what it has begun. */
  close(): void;
  /** See `hadokenFrame.notify()`. */
  notify: Notify;
  /** What the page has heard of notices. */
  notices: [name: string, data: unknown][];
  logged: string[];
  /** Hear of each request that ended. */
  listeners: ((report: RequestReport) => void)[];
};

type Answering = (request: Request, init: RequestInit) => Response | Promise<Response>;

/** A host and the page's facades over a bare MessageChannel: no frame, no worker, and a `fetch` of the test's. */
export function bareHost(
  options: Partial<ServeOptions>,
  answer: Answering = () => new Response(),
  effects: Partial<Effects> = {},
  page = PAGE,
): BareHost {
  const logged: string[] = [];
  const host = createHost({ origins: [PAGE], fetch: true, ...options }, {
    origin: API,
    fetch: (async (request: Request, init: RequestInit) => answer(request, init)) as typeof fetch,
    log: (message) => logged.push(message),
    ...effects,
  } as Effects);
  let end: AbortController | undefined;
  const closing = new AbortController();
  const notices: BareHost['notices'] = [];
  const openSession: OpenSession = ({ onNotify }, control, onOpen) => {
    const { port1, port2 } = new MessageChannel();
    end = control;
    port1.onmessage = ({ data: { config } }) => {
      const call = callHost(port1, control.signal, (message) => {
        const notice = readNoticeMessage(message);
        if (notice) onNotify(notice.name, notice.data);
      });
      const { signal } = control;
      onOpen({ call, openExchange: createExchanges(call, signal), lost: signal, config });
    };
    host.admit({
      origin: page,
      offer: { hadoken: 'OFFER', nonce: '', versions: VERSIONS },
      port: port2,
    });
  };
  const connection = createConnection(
    new URL('/frame.html', API),
    readOptions({ log: 'silent', reconnectionDelay: 0 }),
    { openSession, listenForWakeUps() {} },
  );
  const listeners: BareHost['listeners'] = [];
  const reports = createReports(connection, () => listeners);
  connection.watchers.add((...[event, ...args]) => {
    if (event === 'notify') notices.push(args as [string, unknown]);
  });
  const lease = createLease(connection, createPushLink(connection), closing.signal, reports);
  return {
    fetch: createFetch(lease, API),
    service: (name, serviceOptions) => createService(lease, name, serviceOptions),
    lose() {
      end?.abort(new HadokenError('FRAME_LOST', 'The test took the frame away.'));
    },
    close: () => closing.abort(new HadokenError('CLOSED', 'The test has closed it.')),
    notify: host.notify,
    notices,
    logged,
    listeners,
  };
}

/** What `promise` rejects with; throws if it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const value = await promise.catch((error) => ({ rejected: error }));
  if (value && typeof value === 'object' && 'rejected' in value) return value.rejected as Error;
  throw new Error(`It came to ${String(value)} and did not reject`);
}

/** What `host` answers to one call of a page that has none of our code: the outcome, as it crosses. */
export function callByHand<Outcome>(
  host: Host,
  method: keyof HostContract,
  args: unknown[],
  transfers: Transferable[] = [],
): Promise<Outcome> {
  const { port1, port2 } = new MessageChannel();
  host.admit({
    origin: PAGE,
    offer: { hadoken: 'OFFER', nonce: '', versions: VERSIONS },
    port: port2,
  });
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => {
      if (data.hadoken !== 'ACCEPT') return resolve(data.value);
      const argumentList = args.map((value) => ({ type: 'RAW', value }));
      port1.postMessage({ id: '1', type: 'APPLY', path: [method], argumentList }, transfers);
    };
  });
}
