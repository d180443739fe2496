import { createHost, type Effects } from '../../src/frame/host.ts';
import type { ServeOptions } from '../../src/frame/options.ts';
import type { Connection } from '../../src/parent/connection.ts';
import { createFetch } from '../../src/parent/fetch.ts';
import { createService } from '../../src/parent/service.ts';
import type { Session } from '../../src/parent/session.ts';
import { callHost } from '../../src/rpc/calls.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { VERSIONS } from '../../src/rpc/handshake.ts';

/** Where the bare host's API would be. Nothing is there: its `fetch` is the test's. */
export const API = 'https://api.test';
export const PAGE = 'https://app.test';

export type BareHost = {
  fetch: ReturnType<typeof createFetch>;
  service: <T>(name: string) => ReturnType<typeof createService<T>>;
  /** Ends the session; the next call finds the same host again. */
  lose(): void;
  logged: string[];
};

type Answering = (request: Request, init: RequestInit) => Response | Promise<Response>;

/** A host and the page's facades over a bare MessageChannel: no frame, no worker, and a `fetch` of the test's. */
export function bareHost(
  options: Partial<ServeOptions>,
  answer: Answering = () => new Response(),
  effects: Partial<Effects> = {},
): BareHost {
  const logged: string[] = [];
  const host = createHost({ origins: [PAGE], fetch: true, ...options }, {
    origin: API,
    fetch: (async (request: Request, init: RequestInit) => answer(request, init)) as typeof fetch,
    log: (message) => logged.push(message),
    ...effects,
  } as Effects);
  let end = new AbortController();
  async function open(): Promise<Session> {
    const { port1, port2 } = new MessageChannel();
    const { signal } = (end = new AbortController());
    const accepted = new Promise((resolve) => {
      port1.onmessage = resolve;
    });
    host.admit({ origin: PAGE, offer: { hadoken: 'OFFER', nonce: '', versions: VERSIONS }, port: port2 });
    await accepted;
    return { call: callHost(port1, signal), lost: signal, config: undefined };
  }
  let session: Promise<Session> | undefined;
  const connection = { whenConnected: () => (session ??= open()) } as unknown as Connection;
  return {
    fetch: createFetch(connection, API),
    service: (name) => createService(connection, name),
    lose() {
      session = undefined;
      end.abort(new HadokenError('FRAME_LOST', 'The test took the frame away.'));
    },
    logged,
  };
}

/** What `promise` rejects with; throws if it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const value = await promise.catch((error) => ({ rejected: error }));
  if (value && typeof value === 'object' && 'rejected' in value) return value.rejected as Error;
  throw new Error(`It came to ${String(value)} and did not reject`);
}
