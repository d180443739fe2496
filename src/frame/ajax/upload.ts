/** Ways to send a request that tell how much of its body has left. */
import { fromWireResponse } from '../../ajax/response.ts';
import type { OnProgress, Upload } from '../effects.ts';
import { FAILED } from './prepare.ts';

/** Whether an XMLHttpRequest can send `request` as `fetch` would, but for its `mode`. */
export function isUploadable(request: Request): boolean {
  const { credentials, redirect, integrity, cache, keepalive, referrer, referrerPolicy } = request;
  return (
    credentials !== 'omit' &&
    redirect === 'follow' &&
    integrity === '' &&
    cache === 'default' &&
    !keepalive &&
    referrer === 'about:client' &&
    referrerPolicy === ''
  );
}

/**
 * `request` with a body that counts what the network takes of it: for `fetch` where it streams
 * bodies. Such a body has no Content-Length, and can't be sent twice, so that a redirect by 307 or
 * 308 fails.
 */
export async function countBody(request: Request, onProgress: OnProgress): Promise<Request> {
  const whole = await request.blob();
  let loaded = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      loaded += chunk.byteLength;
      onProgress(loaded, whole.size);
    },
  });
  // An empty body is sent as it is, for there is nothing to count.
  const body = whole.size ? whole.stream().pipeThrough(counter) : whole;
  // By itself the constructor sets the two back.
  const { referrer, referrerPolicy } = request;
  const init: RequestInit & { duplex: 'half' } = { body, duplex: 'half', referrer, referrerPolicy };
  return new Request(request, init);
}

function readHeaders(text: string): [name: string, value: string][] {
  const lines = text.split('\r\n').filter((line) => line !== '');
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}

/** The answer that `xhr` has got, as a Response. */
function toResponse(xhr: XMLHttpRequest, request: Request): Response {
  const { status, statusText, responseURL: url } = xhr;
  const headers = readHeaders(xhr.getAllResponseHeaders());
  const redirected = url !== request.url.split('#')[0];
  const hasNoBody = [204, 205, 304].includes(status);
  const head = { status, statusText, headers, url, type: 'basic' as const, redirected };
  // Its body is here and can't fail.
  return fromWireResponse(head, hasNoBody ? null : xhr.response, new Promise(() => {}));
}

/**
 * Sends `request` by XMLHttpRequest, which follows redirects to other origins, headers and body
 * included. The Response has all of its body: a cut-off one rejects here.
 */
export const uploadByXhr: Upload = async (request, form, signal, onProgress) => {
  const body = form ?? (await request.blob());
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const onAbort = (): void => {
      xhr.abort();
      reject(signal.reason);
    };
    xhr.open(request.method, request.url);
    for (const [name, value] of request.headers) {
      // A form gets a boundary of its own each time that it is sent.
      const ofForm = form && value.startsWith('multipart/form-data; boundary=');
      if (!ofForm) xhr.setRequestHeader(name, value);
    }
    xhr.responseType = 'blob';
    xhr.upload.onprogress = ({ loaded, total, lengthComputable }) =>
      onProgress(loaded, lengthComputable ? total : undefined);
    xhr.onerror = () => reject(new TypeError(FAILED));
    xhr.onload = () => resolve(toResponse(xhr, request));
    xhr.onloadend = () => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort);
    xhr.send(body);
  });
};
