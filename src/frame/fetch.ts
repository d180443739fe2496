/** The frame's side of `hadoken.fetch`: policy, hooks, the real `fetch`, and the answer back. */
import { BodyReceiver, BodySender, type Post } from '../ajax/body.ts';
import { fromWireBody, fromWireRequest } from '../ajax/request.ts';
import { toWireResponse } from '../ajax/response.ts';
import type { FetchMessage, HostContract, WireRequest, WireResponse } from '../rpc/contract.ts';
import { HadokenError, toWireError } from '../rpc/errors.ts';
import type { Effects } from './host.ts';
import type { Context, ServeOptions } from './options.ts';
import { createPolicy, ownUrl } from './policy.ts';

const MAX_REQUESTS = 1_000;
const MAX_BODY = 1_073_741_824;

/** The header that tells the API which page a request is for: the frame removes what CSRF and CORS checks look at. */
export const ORIGIN_HEADER = 'Hadoken-Origin';

type Exchange = { wire: WireRequest; port: MessagePort; context: Context };

async function collect(stream: ReadableStream<Uint8Array>, limit: number): Promise<Blob> {
  const reader = stream.getReader();
  const parts: BlobPart[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts);
    bytes += value.byteLength;
    if (bytes > limit) {
      void reader.cancel();
      throw tooLarge(limit);
    }
    parts.push(value as BlobPart);
  }
}

function tooLarge(limit: number): HadokenError {
  return new HadokenError(
    'LIMIT_EXCEEDED',
    `The request body is larger than ${limit} bytes. Raise limits.bodyBytes in host.js.`,
  );
}

function sizeOf({ body }: WireRequest): number {
  if (body?.type === 'form')
    return body.entries.reduce(
      (sum, [, value]) => sum + (typeof value === 'string' ? value.length : value.size),
      0,
    );
  if (body?.type !== 'data') return 0;
  const { data } = body;
  if (typeof data === 'string') return data.length;
  return data instanceof Blob ? data.size : data.byteLength;
}

/** By page: one exchange after another over ports of their own. Throws INVALID_ARGUMENT for rules that can't be read. */
export function createFetchHost(
  options: ServeOptions,
  effects: Effects,
): (context: Context) => HostContract['fetch'] {
  const policy = createPolicy(options.fetch);
  const { requests: maxRequests = MAX_REQUESTS, bodyBytes: maxBody = MAX_BODY } = options.limits ?? {};

  /** The request as it will be sent, or what refuses it. */
  const build = async (
    { wire, context }: Exchange,
    upload: () => ReadableStream<Uint8Array>,
  ): Promise<Request> => {
    const url = ownUrl(wire.url, effects.origin);
    const headers = wire.headers.filter(([name]) => name.toLowerCase() !== ORIGIN_HEADER.toLowerCase());
    const rule = policy({ url, method: wire.method, headers, origin: context.origin });
    if (sizeOf(wire) > maxBody) throw tooLarge(maxBody);
    const body =
      wire.body?.type === 'stream' ? await collect(upload(), maxBody) : fromWireBody(wire.body, () => '');
    const init = rule.credentials ? { ...wire.init, credentials: rule.credentials } : wire.init;
    const request = fromWireRequest({ ...wire, url: url.href, headers, init }, body);
    const final = (await options.onRequest?.(request, context)) || request;
    final.headers.set(ORIGIN_HEADER, context.origin);
    return final;
  };

  const exchange = async (
    asked: Exchange,
    upload: () => ReadableStream<Uint8Array>,
    signal: AbortSignal,
  ): Promise<Response> => {
    const { context } = asked;
    const request = await build(asked, upload);
    const answered = await effects.fetch(request, { signal });
    if (answered.redirected) {
      try {
        const url = ownUrl(answered.url, effects.origin);
        policy({ url, method: request.method, headers: [], origin: context.origin });
      } catch (error) {
        void answered.body?.cancel();
        throw error;
      }
    }
    return (await options.onResponse?.(answered, context)) || answered;
  };

  return (context) => {
    let underWay = 0;
    return async (wire, port) => {
      const post: Post = (message, transfer = []) => port.postMessage(message, transfer);
      const abort = new AbortController();
      let receiver: BodyReceiver | undefined;
      let sender: BodySender | undefined;
      const upload = (): ReadableStream<Uint8Array> => {
        receiver = new BodyReceiver(post, () => {});
        return receiver.stream;
      };
      const end = (): void => {
        underWay -= 1;
        port.close();
      };
      port.onmessage = ({ data }: MessageEvent<FetchMessage>) => {
        if (data.type === 'abort') {
          abort.abort();
          sender?.cancel();
        } else if (data.type === 'cancel') sender?.cancel();
        else if (data.type === 'credit') sender?.credit(data.bytes);
        else receiver?.handle(data);
      };

      underWay += 1;
      try {
        if (underWay > maxRequests)
          throw new HadokenError(
            'LIMIT_EXCEEDED',
            `More than ${maxRequests} requests are under way at once. Raise limits.requests in host.js.`,
          );
        const response = await exchange({ wire, port, context }, upload, abort.signal);
        const incoming = await toWireResponse(response);
        if (incoming.read) {
          sender = new BodySender(incoming.read, incoming.cancel, post, true);
          void sender.done.then(end);
        } else end();
        return { value: incoming.wire as WireResponse };
      } catch (error) {
        end();
        return { error: toWireError(error) };
      }
    };
  };
}
