import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, HadokenError } from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { frameUrl } from '../support/env.ts';
import { next, sseUrl } from '../support/streams.ts';

type Any = Record<string, unknown>;

const globals = globalThis as unknown as Any;
const { Request: OwnRequest, ReadableStream: OwnReadableStream } = globalThis;
/** Several times what comes along with the head. */
const LARGE = 300_000;

describe("a page whose globals are not the platform's", () => {
  let hadoken: Hadoken;
  before(async () => {
    hadoken = connect(frameUrl('default'), { log: 'silent' });
    await hadoken.ready;
  });
  after(() => hadoken.close());
  afterEach(() => {
    Object.assign(globals, { Request: OwnRequest, ReadableStream: OwnReadableStream });
  });

  /** As polyfills have it: all by themselves, of none of the platform's. */
  class Polyfill {
    #source: UnderlyingDefaultSource;
    constructor(source: UnderlyingDefaultSource = {}) {
      this.#source = source;
    }
    getReader(): unknown {
      const queue: Uint8Array[] = [];
      let isClosed = false;
      const close = (): void => {
        isClosed = true;
      };
      const controller = { enqueue: (chunk: Uint8Array) => queue.push(chunk), close };
      this.#source.start?.(controller as never);
      const read = async (): Promise<unknown> => {
        const value = queue.shift();
        return value ? { done: false, value } : { done: isClosed, value };
      };
      return { read, cancel: async () => {} };
    }
    get [Symbol.toStringTag](): string {
      return 'ReadableStream';
    }
  }
  const streams: Record<string, unknown> = {
    'a polyfill': Polyfill,
    'a subclass': class extends (OwnReadableStream as unknown as typeof Blob) {},
    'a class that throws': class {
      constructor() {
        throw new Error('no streams here');
      }
    },
    'an object': {},
    nothing: undefined,
  };
  for (const [what, value] of Object.entries(streams)) {
    it(`reads bodies of any size where ReadableStream is ${what}`, async () => {
      globals.ReadableStream = value;
      for (const size of [0, 10, 20_000, LARGE]) {
        const response = await hadoken.fetch(`/api/bytes/${size}`);
        expect((await response.arrayBuffer()).byteLength).to.equal(size);
      }
      const { signal } = new AbortController();
      const response = await hadoken.fetch('/api/bytes/10', { signal });
      expect((await response.text()).length).to.equal(10);
    });
  }

  it('sends a stream of a polyfill', async () => {
    globals.ReadableStream = Polyfill;
    const body = new Polyfill({
      start(controller) {
        controller.enqueue(new Uint8Array(3));
        controller.close();
      },
    });
    const init = { method: 'POST', body: body as unknown as BodyInit };
    expect(await (await hadoken.fetch('/api/upload', init)).json()).to.include({ bytes: 3 });
  });

  const requests: Record<string, unknown> = {
    'a subclass': class extends OwnRequest {},
    'a function around it': function Wrapped(...args: [string]): Request {
      return new OwnRequest(...args);
    },
    'a Proxy': new Proxy(OwnRequest, {}),
  };
  for (const [what, value] of Object.entries(requests))
    it(`fetches where Request is ${what}`, async () => {
      globals.Request = value;
      expect((await hadoken.fetch('/api/bytes/10')).status).to.equal(200);
    });

  /** As old MooTools has it, and as pages' own scripts have it. */
  const others: Record<string, unknown> = {
    'another class': class {
      options: unknown;
      url = '';
      constructor(options: unknown) {
        this.options = options;
      }
      send(): this {
        return this;
      }
    },
    'an object': { QueryString: {} },
    nothing: undefined,
  };
  const form = (): FormData => {
    const made = new FormData();
    made.append('a', 'ž');
    made.append('file', new File(['x'.repeat(10)], 'x.txt', { type: 'text/plain' }));
    return made;
  };
  const asked: Record<string, () => [string, RequestInit?]> = {
    'a GET': () => ['/api/echo'],
    'headers as pairs': () => ['/api/echo', { headers: [['X-A', '1']] }],
    'a method in small letters': () => ['/api/echo', { method: 'post', body: 'text' }],
    'a type of its own': () => [
      '/api/echo',
      { method: 'PUT', body: '{}', headers: { 'Content-Type': 'application/json' } },
    ],
    parameters: () => ['/api/echo', { method: 'POST', body: new URLSearchParams({ a: 'ž' }) }],
    bytes: () => ['/api/echo', { method: 'PATCH', body: new Uint8Array([1, 2, 3]) }],
    'a Blob': () => ['/api/echo', { method: 'POST', body: new Blob(['b'], { type: 'a/b' }) }],
    'no body': () => ['/api/echo', { method: 'DELETE', credentials: 'omit' }],
    'a form': () => ['/api/upload', { method: 'POST', body: form() }],
    'headers that are forbidden': () => [
      '/api/echo',
      { headers: { Connection: 'close', 'Content-Length': '3', 'sec-a': '1', 'X-A': '1' } },
    ],
    'a GET with a body': () => ['/api/echo', { body: new Blob(['b']) }],
    'members of other types': () => [
      '/api/echo',
      { keepalive: 1, method: { toString: () => 'put' }, body: 'b' } as unknown as RequestInit,
    ],
    'a mode that there is not': () => ['/api/echo', { cache: 'none' as RequestCache }],
    'a method that is forbidden': () => ['/api/echo', { method: 'TRACE' }],
    'a name of a header that is none': () => ['/api/echo', { headers: { 'a b': '1' } }],
    'a URL that is none': () => ['https://'],
    'a redirect that it does not follow': () => ['/api/redirect', { redirect: 'error' }],
  };
  const outcome = async (ask: () => [string, RequestInit?]): Promise<unknown> => {
    try {
      const response = await hadoken.fetch(...ask());
      const text = await response.text();
      // A form has a boundary of its own each time, in Firefox of another length too.
      const own = /"sha256":"\w+"|"bytes":\d+|boundary=[\w-]+/g;
      return [response.status, text.replace(own, '')];
    } catch (error) {
      return (error as Error).name;
    }
  };
  for (const [what, value] of Object.entries(others))
    for (const [sent, ask] of Object.entries(asked))
      it(`sends ${sent} where Request is ${what} as it does otherwise`, async () => {
        const expected = await outcome(ask);
        globals.Request = value;
        expect(await outcome(ask)).to.deep.equal(expected);
      });

  it('takes no Request where the page has replaced the class, and says so', async () => {
    const request = new OwnRequest('/api/bytes/10');
    globals.Request = others['another class'];
    const error = await rejection(hadoken.fetch(request));
    expect(error).to.be.instanceOf(HadokenError).and.include({ code: 'UNSUPPORTED' });
    expect(error.message).to.contain('Request');
  });

  it('does everything where prototypes have members that are listed', async () => {
    const prototypes = [Object.prototype, Array.prototype, Function.prototype] as unknown as Any[];
    const seen: unknown[] = [];
    for (const prototype of prototypes) prototype.extra = () => 'of the page';
    const plain = connect(frameUrl('push-plain'), { log: 'silent' });
    try {
      seen.push((await hadoken.fetch('/api/bytes/10', { headers: { 'x-a': '1' } })).status);
      const socket = plain.io('/', { query: { a: 'b' } });
      seen.push(await socket.emitWithAck('echo', { a: [1] }));
      const source = new hadoken.EventSource(sseUrl({ body: 'data: 1\n\n' }));
      seen.push((await next(source)).data);
      source.close();
      const refused = await hadoken.fetch('https://elsewhere.test/').catch((error) => error);
      seen.push(refused.code);
    } finally {
      for (const prototype of prototypes) delete prototype.extra;
      plain.close();
    }
    expect(seen).to.deep.equal([200, { a: [1] }, '1', 'POLICY_REFUSED']);
  });
});

// The last in its page: what is frozen stays so.
describe('a page that has frozen the prototypes of errors', () => {
  it('is told of every failure', async () => {
    for (const Class of [Error, TypeError, RangeError, DOMException])
      Object.freeze(Class.prototype);
    const hadoken = connect(frameUrl('default'), { log: 'silent' });
    const refused = await rejection(hadoken.fetch('https://elsewhere.test/'));
    const lost = await rejection(hadoken.fetch('/api/reset', { method: 'POST' }));
    const late = await rejection(hadoken.fetch('/api/hang', { timeout: 100 }));
    const missing = await rejection(hadoken.service<{ a(): void }>('none').a());
    const { error } = await next<ErrorEvent>(
      new hadoken.EventSource('https://elsewhere.test/'),
      'error',
    );
    hadoken.close();
    expect([refused.code, lost.name, late.name, missing.code, error.code]).to.deep.equal([
      'POLICY_REFUSED',
      'TypeError',
      'TimeoutError',
      'METHOD_NOT_FOUND',
      'POLICY_REFUSED',
    ]);
  });
});
