/**
 * The page's document, read past the names in its markup, which come before its own members
 * (`<img name=baseURI>`): see src/parent/connection/page-document.ts.
 */
export function fromDocument<Name extends keyof Document>(name: Name): Document[Name] {
  return Reflect.get(Object.getPrototypeOf(document), name, document);
}
