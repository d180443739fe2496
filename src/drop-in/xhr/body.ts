/** What `send()` is given, as `fetch` takes it. */
import { withUtf8 } from './mime-type.ts';

/** What is sent; null: no body. */
export type Payload = {
  body: BodyInit | null;
  /** The Content-Type that the request has by itself, where `fetch` would not know it. */
  type?: string;
};

const DOCUMENT = /^\[object (HTML|XML)?Document]$/;
/** What `fetch` takes as it is, of this realm or of another. */
const KEPT = /^\[object (Blob|File|FormData|URLSearchParams|ArrayBuffer)]$/;

/** A document as it is sent. */
function serialize(tree: Document): string {
  const serializer = new XMLSerializer();
  if (tree.contentType !== 'text/html') return serializer.serializeToString(tree);
  const toText = (node: Node): string =>
    node instanceof Element ? node.outerHTML : serializer.serializeToString(node);
  return [...tree.childNodes].map(toText).join('');
}

/**
 * Everything that is not listed is text, as in WebIDL. Throws what its `toString()` throws.
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 */
export function toPayload(given: unknown): Payload {
  if (given === null || given === undefined) return { body: null };
  const tag = Object.prototype.toString.call(given);
  if (ArrayBuffer.isView(given) || KEPT.test(tag)) return { body: given as BodyInit };
  if (!DOCUMENT.test(tag)) return { body: `${given}` };
  const tree = given as Document;
  const isHtml = tree.contentType === 'text/html';
  const type = `${isHtml ? 'text/html' : 'application/xml'};charset=UTF-8`;
  return { body: serialize(tree), type };
}

/** The headers for `payload`: text is sent as UTF-8, whatever the page's own Content-Type says. */
export function headersFor(
  headers: [name: string, value: string][],
  { body, type }: Payload,
): [name: string, value: string][] {
  const isType = ([name]: [string, string]): boolean => /^content-type$/i.test(name);
  if (type && !headers.some(isType)) return [...headers, ['Content-Type', type]];
  // The standard has it so for texts alone, and the engines for parameters too.
  const isText = typeof body === 'string' || body instanceof URLSearchParams;
  return headers.map((header) =>
    isText && isType(header) ? [header[0], withUtf8(header[1])] : header,
  );
}

/** How many bytes `body` has; 0 for a form, whose boundary only the engine knows. */
export function lengthOf(body: BodyInit): number {
  if (body instanceof FormData) return 0;
  // Parameters have a size too, which counts them.
  const data = body instanceof URLSearchParams ? `${body}` : body;
  const { size, byteLength } = data as Partial<Blob & ArrayBuffer>;
  return size ?? byteLength ?? new TextEncoder().encode(data as string).length;
}
