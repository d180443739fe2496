/**
 * MIME types, read and written as browsers do.
 * @see https://mimesniff.spec.whatwg.org/#parsing-a-mime-type
 */

export type MimeType = {
  /** `type/subtype`, in lower case. */
  essence: string;
  /** By their names in lower case. */
  parameters: Map<string, string>;
};

const TOKEN = /^[!#-'*+.^`|~\w-]+$/;
const ESSENCE = /^[\t\n\r ]*([!#-'*+.^`|~\w-]+\/[!#-'*+.^`|~\w-]+)[\t\n\r ]*(?:;|$)/;
/** A parameter: its name, and its value, in quotes (the last may be missing) or as it is. */
const PARAMETER = /;[\t\n\r ]*([^;=]*)(?:=(?:"((?:[^"\\]|\\[\s\S]|\\$)*)(?:"[^;]*|$)|([^;]*)))?/g;
const VALUE = /^[\t -~\x80-\xff]*$/;
/** What is between the commas of a header; one in quotes is none. */
const LISTED = /(?:[^",]|"(?:[^"\\]|\\[\s\S])*(?:"|$))+/g;

/** Undefined for what is no MIME type. */
export function parseMimeType(text: string): MimeType | undefined {
  const found = ESSENCE.exec(text);
  if (!found) return undefined;
  const parameters = new Map<string, string>();
  const rest = text.slice(found[0].length - (found[0].endsWith(';') ? 1 : 0));
  for (const [, given = '', quoted, plain] of rest.matchAll(PARAMETER)) {
    const name = given.toLowerCase();
    const value = quoted?.replace(/\\([\s\S])/g, '$1') ?? plain?.replace(/[\t\n\r ]+$/, '') ?? '';
    const isValid = TOKEN.test(name) && VALUE.test(value) && (quoted !== undefined || value !== '');
    if (isValid && !parameters.has(name)) parameters.set(name, value);
  }
  return { essence: (found[1] as string).toLowerCase(), parameters };
}

export function serializeMimeType({ essence, parameters }: MimeType): string {
  const toText = ([name, value]: [string, string]): string =>
    `;${name}=${TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
  return essence + [...parameters].map(toText).join('');
}

/**
 * The MIME type of a response, of its Content-Type headers joined by commas: the last one that can
 * be read, with the charset of an earlier one of the same essence where it has none.
 * @see https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
 */
export function extractMimeType(header: string): MimeType | undefined {
  let last: MimeType | undefined;
  let charset: string | undefined;
  for (const part of header.match(LISTED) ?? []) {
    const type = parseMimeType(part);
    if (!type || type.essence === '*/*') continue;
    const own = type.parameters.get('charset');
    if (type.essence !== last?.essence) charset = own;
    else if (own === undefined && charset !== undefined) type.parameters.set('charset', charset);
    last = type;
  }
  return last;
}

export function isHtml({ essence }: MimeType): boolean {
  return essence === 'text/html';
}

/** @see https://mimesniff.spec.whatwg.org/#xml-mime-type */
export function isXml({ essence }: MimeType): boolean {
  return /\+xml$|^(text|application)\/xml$/.test(essence);
}
