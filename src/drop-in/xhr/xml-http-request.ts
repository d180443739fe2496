/**
 * A class that extends the page's own XMLHttpRequest. An object of it is the platform's, until
 * `open()` finds that the URL is taken; then the request goes through the frame, and the object's
 * events and handlers are the platform's still.
 */
import { type Hadoken, HadokenError, isHadokenError } from '../../parent/index.ts';
import type { Resolve } from '../urls.ts';
import { defineAttributes, invalidState } from './attributes.ts';
import { toPayload } from './body.ts';
import { dispatch } from './events.ts';
import { readMimeType } from './mime-type.ts';
import { createPass } from './pass-patches.ts';
import { LOADING, OPENED, TakenRequest } from './taken-request.ts';

/** What becomes of a synchronous request, which can't wait for the frame. */
export type Sync = 'native' | 'throw';

export type XhrOptions = {
  readonly fetch: Hadoken['fetch'];
  readonly resolve: Resolve;
  readonly sync: Sync;
};

/** The URL to ask the frame for, if a request is taken. */
function createTake({ resolve, sync }: XhrOptions) {
  let hasWarned = false;
  return (method: string, url: string, isAsync: boolean): string | undefined => {
    const target = resolve(url, method);
    if (target === undefined || isAsync) return target;
    const why = `${method} ${url}: a synchronous XMLHttpRequest can't go through the frame`;
    if (sync === 'throw') throw new HadokenError('UNSUPPORTED', `${why}.`);
    if (!hasWarned) console.warn('[hadoken]', `${why}. The platform sends it.`);
    hasWarned = true;
    return undefined;
  };
}

/**
 * Says why a request was refused, once for each reason, as on the console is all that a page of
 * 2009 has. Why there is no frame, its client has said.
 */
function createWarn() {
  const said = new Set<string>();
  return (error: unknown): void => {
    if (!isHadokenError(error) || /^(FRAME|CLOSED)/.test(error.code) || said.has(error.message))
      return;
    said.add(error.message);
    console.warn('[hadoken]', error.message);
  };
}

/**
 * Where a class has the objects whose `open()` is running, each with the class that has taken it.
 * Classes of several take-overs extend each other, and share it. A symbol is the same in every
 * bundle.
 */
const CLAIMED = Symbol.for('hadoken.claimed');

/** Throws unless the request can be sent. */
function checkOpen({ readyState, isSent }: TakenRequest): void {
  if (readyState !== OPENED || isSent) throw invalidState('not open, or sent');
}

/** `Native`: what the page has by the name of XMLHttpRequest. */
export function createXMLHttpRequest(
  Native: typeof XMLHttpRequest,
  options: XhrOptions,
): typeof XMLHttpRequest {
  const requests = new WeakMap<XMLHttpRequest, TakenRequest>();
  const overrides = new WeakMap<XMLHttpRequest, string>();
  /** Those whose upload somebody has asked for. */
  const heard = new WeakSet<XMLHttpRequest>();
  // A wrapper may give objects that are not of its own prototype.
  const made = new Native();
  const natively: XMLHttpRequest = Object.getPrototypeOf(made);
  if (Object.hasOwn(made, 'open') || Object.hasOwn(made, 'send'))
    console.warn(
      '[hadoken]',
      'Another script gives each XMLHttpRequest methods of its own, so none is taken. ' +
        'Load the drop-in before it.',
    );
  const claimed: WeakMap<XMLHttpRequest, object> = Reflect.get(Native, CLAIMED) ?? new WeakMap();
  const take = createTake(options);
  const onRefusal = createWarn();
  const pass = createPass(natively.send);
  const set = (xhr: XMLHttpRequest, request: TakenRequest | undefined): void => {
    if (request) requests.set(xhr, request);
    else requests.delete(xhr);
  };
  const create = (xhr: XMLHttpRequest, method: string, url: string) =>
    new TakenRequest(
      { method, url },
      {
        xhr,
        fetch: options.fetch,
        upload: Reflect.get(natively, 'upload', xhr),
        isUploadHeard: () => heard.has(xhr),
        onRefusal,
      },
    );

  class TakingXMLHttpRequest extends Native {
    constructor() {
      super();
      if (!(this instanceof TakingXMLHttpRequest))
        Object.setPrototypeOf(this, new.target.prototype);
      pass.prepare(this);
    }

    override open(...args: [method: string, url: string | URL, ...rest: unknown[]]): void {
      const before = requests.get(this);
      if (args.length < 2) return Reflect.apply(super.open, this, args);
      const [shown, native] = [this.readyState, Reflect.get(natively, 'readyState', this)];
      // Once each, because they may be objects.
      const [method, url] = [`${args[0]}`, `${args[1]}`];
      const isClaimed = (claimed.get(this) ?? TakingXMLHttpRequest) !== TakingXMLHttpRequest;
      const target = isClaimed ? undefined : take(method, url, args.length < 3 || !!args[2]);
      const request = target === undefined ? undefined : create(this, method, target);
      set(this, request);
      if (request) claimed.set(this, TakingXMLHttpRequest);
      try {
        // It checks the arguments, and fires `readystatechange` unless it has been opened before.
        Reflect.apply(super.open, this, [method, url, ...args.slice(2)]);
      } catch (error) {
        set(this, before);
        throw error;
      } finally {
        if (!isClaimed) claimed.delete(this);
      }
      pass.forget(this);
      before?.terminate();
      if (shown !== OPENED && native === OPENED && requests.get(this) === request)
        dispatch(this, 'readystatechange');
    }

    override setRequestHeader(...args: [name: string, value: string]): void {
      const request = requests.get(this);
      if (request) checkOpen(request);
      Reflect.apply(super.setRequestHeader, this, args);
      request?.addHeader(`${args[0]}`, `${args[1]}`);
    }

    override send(...args: [body?: Document | XMLHttpRequestBodyInit | null]): void {
      const request = requests.get(this);
      if (!request) return Reflect.apply(super.send, this, args);
      checkOpen(request);
      const payload = toPayload(args[0]);
      pass.send(this, args[0], () => request.send(payload));
    }

    override abort(): void {
      super.abort();
      requests.get(this)?.abort();
    }

    override overrideMimeType(...args: [type: string]): void {
      if ((requests.get(this)?.readyState ?? 0) >= LOADING) throw invalidState('loading, or done');
      Reflect.apply(super.overrideMimeType, this, args);
      overrides.set(this, readMimeType(`${args[0]}`) ?? 'application/octet-stream');
    }

    override getResponseHeader(...args: [name: string]): string | null {
      const theirs = Reflect.apply(super.getResponseHeader, this, args);
      const request = requests.get(this);
      if (!request) return theirs;
      return request.answer?.headers.get(`${args[0]}`.toLowerCase()) ?? null;
    }

    override getAllResponseHeaders(): string {
      const theirs = super.getAllResponseHeaders();
      const request = requests.get(this);
      if (!request) return theirs;
      const headers = [...(request.answer?.headers ?? [])];
      // By the names in capitals, among which _ comes last.
      headers.sort(([a], [b]) => (a.toUpperCase() < b.toUpperCase() ? -1 : 1));
      return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    }
  }

  const find = (xhr: XMLHttpRequest) => {
    const request = requests.get(xhr);
    return request && { request, responseType: xhr.responseType, override: overrides.get(xhr) };
  };
  Object.defineProperty(TakingXMLHttpRequest, CLAIMED, { value: claimed });
  const { prototype } = TakingXMLHttpRequest;
  Object.setPrototypeOf(prototype, natively);
  defineAttributes(prototype, natively, find, (xhr) => heard.add(xhr));
  Object.defineProperty(TakingXMLHttpRequest, 'name', { value: Native.name });
  return TakingXMLHttpRequest;
}
