/**
 * What is read of a MIME type: as much as browsers agree about.
 * @see https://mimesniff.spec.whatwg.org/#parsing-a-mime-type
 */

const ESSENCE = /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*(;|,|$)/;
const CHARSET = /(;\s*charset=)("?)([^\s";,]+)/i;

/** Without blanks around it and before its parameters; undefined for what is no MIME type. */
export function readMimeType(text: string | undefined): string | undefined {
  const essence = ESSENCE.exec(text ?? '')?.[1];
  return (
    essence &&
    essence.toLowerCase() +
      text
        ?.trim()
        .slice(essence.length)
        .replace(/\s*;\s*/g, ';')
  );
}

/** `type/subtype` of what {@link readMimeType} gives. */
export function essenceOf(type: string): string {
  return type.replace(/[;,].*/, '');
}

export function charsetOf(type: string): string | undefined {
  return CHARSET.exec(type)?.[3];
}

/** Texts are sent as UTF-8, whatever the page says. */
export function withUtf8(type: string): string {
  return /^utf-8$/i.test(charsetOf(type) ?? '') ? type : type.replace(CHARSET, '$1$2UTF-8');
}

export function isHtml(type: string): boolean {
  return essenceOf(type) === 'text/html';
}

/** @see https://mimesniff.spec.whatwg.org/#xml-mime-type */
export function isXml(type: string): boolean {
  return /\+xml$|^(text|application)\/xml$/.test(essenceOf(type));
}
