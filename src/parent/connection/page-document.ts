/**
 * The page's document, read past the names in its markup. `<img name=baseURI>` becomes
 * `document.baseURI`: names of elements come before a document's own members
 * ([LegacyOverrideBuiltIns]). So whoever may put markup into a page, but no script, could choose
 * the frame (DOM clobbering), or keep the page from working. A prototype has no such names.
 * @see https://html.spec.whatwg.org/multipage/dom.html#dom-document-nameditem
 */
import { HadokenError } from '../../rpc/errors.ts';

/**
 * A member of `document`, as its prototype has it, which in a page with MooTools is not what
 * `Document` has: with the document as the receiver, a getter reads the document. Throws
 * UNSUPPORTED where there is none, as in a worker of the page.
 */
export function fromDocument<Name extends keyof Document>(name: Name): Document[Name] {
  if (!globalThis.document) throw new HadokenError('UNSUPPORTED', 'Hadoken needs a document.');
  return Reflect.get(Object.getPrototypeOf(document), name, document);
}
