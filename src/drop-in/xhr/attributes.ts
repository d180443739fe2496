/** The attributes of an XMLHttpRequest whose request goes through the frame. */
import { DONE, HEADERS_RECEIVED, LOADING, OPENED, type TakenRequest } from './taken-request.ts';

/** An object whose request is taken. */
export type Shown = {
  readonly request: TakenRequest;
  readonly responseType: XMLHttpRequestResponseType;
  /** Of the page's own `overrideMimeType()`. */
  readonly override: string | undefined;
};

export function invalidState(why: string): DOMException {
  return new DOMException(`The request is ${why}.`, 'InvalidStateError');
}

/** Throws for a `responseType` under which the answer is no such thing. */
function checkType({ responseType }: Shown, type: XMLHttpRequestResponseType): void {
  if (responseType !== '' && responseType !== type)
    throw invalidState(`of responseType '${responseType}'`);
}

function readText({ request, responseType, override }: Shown): string {
  const isThere = request.readyState >= LOADING && request.answer;
  return isThere ? isThere.text(responseType, override) : '';
}

function readObject({ request, responseType, override }: Shown): unknown {
  const isThere = request.readyState === DONE && request.answer;
  return isThere ? isThere.object(responseType, override) : null;
}

/** The attributes that are read from what has come. */
const readers: Record<string, (shown: Shown) => unknown> = {
  readyState: ({ request }) => request.readyState,
  status: ({ request }) => request.answer?.status ?? 0,
  statusText: ({ request }) => request.answer?.statusText ?? '',
  responseURL: ({ request }) => request.answer?.url ?? '',
  response: (shown) => (/^(text)?$/.test(shown.responseType) ? readText : readObject)(shown),
  responseText(shown) {
    checkType(shown, 'text');
    return readText(shown);
  },
  responseXML(shown) {
    checkType(shown, 'document');
    return readObject(shown);
  },
};

/** The attributes that the platform's object keeps. Each throws where it can't be set any more. */
const guards: Record<string, (request: TakenRequest, value: unknown) => void> = {
  responseType({ readyState }, value) {
    // The platform ignores any other text, whenever it is set.
    const isType = /^(|text|arraybuffer|blob|json|document)$/.test(`${value}`);
    if (isType && readyState > HEADERS_RECEIVED) throw invalidState('loading, or done');
  },
  withCredentials({ readyState, isSent }) {
    if (readyState > OPENED || isSent) throw invalidState('sent');
  },
  timeout() {},
};

/**
 * Gives `prototype` all members of `natively`, the platform's prototype, as WebIDL has them: others
 * patch them there. Its attributes are read from what `find` gives for an object, if anything.
 * `onUpload`: somebody may listen to the upload from now on.
 */
export function defineAttributes(
  prototype: XMLHttpRequest,
  natively: XMLHttpRequest,
  find: (xhr: XMLHttpRequest) => Shown | undefined,
  onUpload: (xhr: XMLHttpRequest) => void,
): void {
  const define = (name: string, attribute: PropertyDescriptor & ThisType<XMLHttpRequest>): void => {
    Object.defineProperty(prototype, name, { ...attribute, configurable: true, enumerable: true });
  };
  for (const [name, read] of Object.entries(readers))
    define(name, {
      get() {
        const shown = find(this);
        return shown ? read(shown) : Reflect.get(natively, name, this);
      },
    });
  for (const [name, check] of Object.entries(guards))
    define(name, {
      get() {
        return Reflect.get(natively, name, this);
      },
      set(value) {
        const request = find(this)?.request;
        if (request) check(request, value);
        Reflect.set(natively, name, value, this);
        if (name === 'timeout') request?.watchTimeout();
      },
    });
  define('upload', {
    get() {
      onUpload(this);
      return Reflect.get(natively, 'upload', this);
    },
  });
  for (const [name, native] of Object.entries(Object.getOwnPropertyDescriptors(natively))) {
    const { value } = Object.getOwnPropertyDescriptor(prototype, name) ?? native;
    const isOurs = Object.hasOwn(prototype, name);
    if (!isOurs) Object.defineProperty(prototype, name, native);
    else if (value && name !== 'constructor') define(name, { value, writable: true });
  }
}
