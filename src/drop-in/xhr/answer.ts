/** What has come of a response, in every form that an XMLHttpRequest gives it. */
import { charsetOf, essenceOf, isHtml, isXml, readMimeType } from './mime-type.ts';
import { createDecoder } from './text.ts';

/** What engines put into a document that they could not read. */
const PARSER_ERRORS = [
  'http://www.w3.org/1999/xhtml',
  'http://www.mozilla.org/newlayout/xml/parsererror.xml',
];

/** The types that DOMParser knows. */
const PARSED = ['text/xml', 'application/xml', 'application/xhtml+xml', 'image/svg+xml'];

const parse = (text: string, type: string): Document =>
  new DOMParser().parseFromString(text, type as DOMParserSupportedType);

/** The head of a response and as much of its body as has come. */
export class Answer {
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** All of it has come. */
  isWhole = false;
  loaded = 0;
  readonly #hasBody: boolean;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #text = '';
  /** How many chunks are in the text. */
  #read = 0;
  #decoder: TextDecoder | undefined;
  #object: { value: unknown } | undefined;

  constructor({ status, statusText, url, headers, body }: Response) {
    this.status = status;
    this.statusText = statusText;
    this.url = url;
    this.headers = new Map(headers);
    this.#hasBody = body !== null;
  }

  /** What the body's length is said to be; 0 where that is not known. */
  get total(): number {
    if (this.headers.has('content-encoding')) return 0;
    return Number(this.headers.get('content-length') ?? 0) || 0;
  }

  add(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunks.push(chunk);
    this.loaded += chunk.byteLength;
  }

  /** The text that has come by now. `override`: the page's own MIME type. */
  text(as: XMLHttpRequestResponseType, override?: string): string {
    // A byte order mark is of three bytes at most.
    if (this.loaded < 3 && !this.isWhole) return '';
    this.#decoder ??= this.#decoderFor(
      this.#join(),
      override,
      (type) => as !== 'text' && isXml(type),
    );
    while (this.#read < this.#chunks.length)
      this.#text += this.#decoder.decode(this.#chunks[this.#read++], { stream: true });
    if (this.isWhole && this.#read < Infinity) {
      this.#text += this.#decoder.decode();
      this.#read = Infinity;
    }
    return this.#text;
  }

  /** The body as an object, made once. Null where it can't be read as one. */
  object(as: XMLHttpRequestResponseType, override?: string): unknown {
    this.#object ??= { value: this.#create(as, override) };
    return this.#object.value;
  }

  #create(as: XMLHttpRequestResponseType, override?: string): unknown {
    if (as === 'arraybuffer') return this.#join().buffer;
    const type = override ?? this.#ownType;
    if (as === 'blob') return new Blob(this.#chunks, { type });
    if (!this.#hasBody) return null;
    try {
      if (as === 'json') return JSON.parse(new TextDecoder().decode(this.#join()));
      return this.#document(as, type, override);
    } catch {
      return null;
    }
  }

  #document(as: XMLHttpRequestResponseType, type: string, override?: string): Document | null {
    const essence = essenceOf(type);
    if (!isXml(type) && !(isHtml(type) && as === 'document')) return null;
    const bytes = this.#join();
    const decoder = this.#decoderFor(bytes, override, () => true);
    const known = isHtml(type) || PARSED.includes(essence) ? essence : 'application/xml';
    const tree = parse(decoder.decode(bytes), known);
    const isBroken = (namespace: string): boolean =>
      tree.getElementsByTagNameNS(namespace, 'parsererror').length > 0;
    if (!isHtml(type) && PARSER_ERRORS.some(isBroken)) return null;
    // What DOMParser can't be told.
    const own = { URL: this.url, documentURI: this.url, contentType: essence };
    for (const [key, value] of Object.entries(own))
      Object.defineProperty(tree, key, { value, configurable: true });
    return tree;
  }

  /** Of the header; without one that can be read, the standard has it be XML. */
  get #ownType(): string {
    return readMimeType(this.headers.get('content-type')) ?? 'text/xml';
  }

  /**
   * Asks the bytes too, if the answer is markup that `asks` names.
   * @see https://xhr.spec.whatwg.org/#final-charset
   */
  #decoderFor(bytes: Uint8Array, override = '', asks: (type: string) => boolean): TextDecoder {
    const type = override || this.#ownType;
    const charset = charsetOf(override) ?? charsetOf(this.#ownType);
    return createDecoder(bytes, charset, asks(type) ? type : undefined);
  }

  #join(): Uint8Array<ArrayBuffer> {
    const [first] = this.#chunks;
    if (first && this.#chunks.length === 1 && first.byteLength === first.buffer.byteLength)
      return first;
    const all = new Uint8Array(this.loaded);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }
}
