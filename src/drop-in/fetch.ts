/** The page's `fetch`, with what is taken sent through the frame. */
import type { Hadoken } from '../parent/index.ts';
import type { Resolve } from './urls.ts';

type Fetch = typeof fetch;

function isRequest(input: unknown): input is Request {
  return Object.prototype.toString.call(input) === '[object Request]';
}

/** `native`: what the page has by the name of fetch. */
export function createFetch(native: Fetch, hadoken: Hadoken, resolve: Resolve): Fetch {
  return function fetch(this: unknown, ...args: Parameters<Fetch>): Promise<Response> {
    const pass = (): Promise<Response> => Reflect.apply(native, this, args);
    const [input, init] = args;
    if (!args.length) return pass();
    const request = isRequest(input) ? input : undefined;
    const target = resolve(
      request ? request.url : input,
      `${init?.method ?? request?.method ?? 'GET'}`,
    );
    if (target === undefined) return pass();
    if (!request || target === request.url) return hadoken.fetch(request ?? target, init);
    try {
      return hadoken.fetch(new Request(target, request), init);
    } catch (error) {
      return Promise.reject(error);
    }
  } as Fetch;
}
