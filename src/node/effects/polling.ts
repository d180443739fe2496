/** Socket.IO's long-polling in Node, by the client's own `fetch`. */
import type { Fetch as EngineFetch } from 'engine.io-client';
import type { Target } from '../options.ts';
import { createFetch } from './fetch.ts';
import { CLOSE_TIMEOUT } from './web-socket.ts';

/** Cookies of one connection, which `withCredentials` asks for: a balancer may need them. */
type CookieJar = { appendCookies(headers: Headers): void; parseCookies(cookies: string[]): void };

/** What is used of engine.io-client's transport, which its types keep to themselves. */
type Transport = {
  uri(): string;
  doClose(): void;
  onPacket(packet: unknown): void;
  onError(reason: string, description: unknown): unknown;
  readonly socket: { _cookieJar?: CookieJar };
};
type TransportClass = new (...args: never[]) => Transport;

/** What engine.io-client reads of an answer. */
type PollAnswer = { ok: boolean; status: number; text(): Promise<string> };

/** A connection's polling transport. */
export type Polling = Transport & {
  /** Aborts, in a second, the request that is under way. */
  abortSoon(): void;
};

/**
 * The class of the transport. The client's own takes its headers along redirects to other origins,
 * and leaves its last request to a server that may never answer.
 */
export function createPollingClass(
  Fetch: typeof EngineFetch,
  target: Target,
): new (
  ...args: never[]
) => Polling {
  return class extends (Fetch as unknown as TransportClass) implements Polling {
    readonly #over = new AbortController();

    override doClose(): void {
      super.doClose();
      this.abortSoon();
    }

    abortSoon(): void {
      // A request that is under way keeps the process by itself.
      Object(setTimeout(() => this.#over.abort(), CLOSE_TIMEOUT)).unref?.();
    }

    /** `data`: of a POST. */
    async _fetch(data?: string): Promise<PollAnswer> {
      const url = new URL(this.uri());
      const headers = new Headers(target.headers);
      const { _cookieJar: jar } = this.socket;
      jar?.appendCookies(headers);
      const init: RequestInit = { headers, signal: this.#over.signal };
      if (data !== undefined) {
        headers.set('content-type', 'text/plain;charset=UTF-8');
        Object.assign(init, { method: 'POST', body: data });
      }
      const send = createFetch({ ...target, url });
      const answered = await send(new Request(url, init), data ?? null);
      jar?.parseCookies(answered.headers.getSetCookie());
      // Read here: engine.io-client does so where a body that breaks off is nobody's to catch.
      const text = await answered.text();
      return { ok: answered.ok, status: answered.status, text: async () => text };
    }
  };
}
