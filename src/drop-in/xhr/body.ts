/** What `send()` is given, as `fetch` takes it. */
import { parseMimeType, serializeMimeType } from './mime-type.ts';

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
  const isType = ([name]: [string, string]): boolean => name.toLowerCase() === 'content-type';
  if (!headers.some(isType)) return type ? [...headers, ['Content-Type', type]] : headers;
  // The standard has it so for texts alone, and the engines for parameters too.
  if (typeof body !== 'string' && !(body instanceof URLSearchParams)) return headers;
  return headers.map((header) => {
    const parsed = isType(header) ? parseMimeType(header[1]) : undefined;
    const charset = parsed?.parameters.get('charset');
    if (!parsed || charset === undefined || charset.toLowerCase() === 'utf-8') return header;
    parsed.parameters.set('charset', 'UTF-8');
    return [header[0], serializeMimeType(parsed)];
  });
}

/** How many bytes `body` has, as the upload says: of a form, as Chromium and WebKit send it. */
export function lengthOf(body: BodyInit): number {
  if (body instanceof FormData) {
    // The boundary's 38 characters, a line of the field's name, and the ends of lines.
    const escaped = (text: string): string =>
      text.replace(/\r\n|\r|\n/g, '%0D%0A').replaceAll('"', '%22');
    const ofEntry = ([name, value]: [string, string | File]): number =>
      typeof value === 'string'
        ? lengthOf(escaped(name)) + lengthOf(value.replace(/\r\n|\r|\n/g, '\r\n')) + 87
        : lengthOf(escaped(name) + escaped(value.name)) +
          (value.type || 'application/octet-stream').length +
          value.size +
          116;
    return [...body].reduce((sum, entry) => sum + ofEntry(entry), 44);
  }
  const { size, byteLength } = body as Partial<Blob & ArrayBuffer>;
  // Parameters have a size too, which counts them.
  const length = body instanceof URLSearchParams ? undefined : (size ?? byteLength);
  return length ?? new TextEncoder().encode(`${body}`).length;
}
