/**
 * The rules of the house, as functions over its files: `{ 'rpc/errors.ts': text, … }`, paths from src. Each gives a list of
 * what breaks it, in words. test/node/layering.test.mjs holds them over src, and over copies of src that break each.
 */
import { basename, dirname, join } from 'node:path/posix';
import ts from 'typescript';

const parse = (path, text) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

function* nodesOf(node) {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** Every module that a file names, types too: import, export … from, import(), and types by import('…'). */
export function importsOf(path, text) {
  const imports = [];
  for (const node of nodesOf(parse(path, text))) {
    const isDeclaration = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    if (isDeclaration && node.moduleSpecifier)
      imports.push({ specifier: node.moduleSpecifier.text });
    const isCall =
      ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    // A computed import() can't be judged by reading; what is loaded so is checked where it is built.
    if (isCall && ts.isStringLiteralLike(node.arguments[0]))
      imports.push({ specifier: node.arguments[0].text });
    if (ts.isImportTypeNode(node)) imports.push({ specifier: node.argument.literal.text });
  }
  return imports;
}

const isRelative = ({ specifier }) => specifier.startsWith('.');
/** The file of ours that an import of `path` names. */
const fileOf = (path, { specifier }) => join(dirname(path), specifier);
/** The package that an import names. */
const packageOf = ({ specifier }) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const roomOf = (path) => path.split('/')[0];

/** `rooms`: by room, the rooms of ours, files of ours and packages that it may import. */
export function forbiddenImports(files, rooms) {
  return Object.entries(files).flatMap(([path, text]) => {
    const allowed = rooms[roomOf(path)] ?? [];
    return importsOf(path, text)
      .filter((entry) => {
        const file = isRelative(entry) ? fileOf(path, entry) : undefined;
        const names = file ? [roomOf(file), file] : [packageOf(entry)];
        return !names.some((name) => allowed.includes(name));
      })
      .map(({ specifier }) => `${path} imports ${specifier}`);
  });
}

/** Rooms that `rooms` does not know. */
export function unknownRooms(files, rooms) {
  return [...new Set(Object.keys(files).map(roomOf))].filter((room) => !(room in rooms));
}

/** Circles of imports, types counted: the files of each, in one line. By Tarjan's strongly connected components. */
export function circles(files) {
  const edges = new Map(
    Object.entries(files).map(([path, text]) => [
      path,
      importsOf(path, text)
        .filter(isRelative)
        .map((entry) => fileOf(path, entry))
        .filter((file) => file in files),
    ]),
  );
  const found = [];
  const order = new Map();
  const low = new Map();
  const stack = [];
  const visit = (path) => {
    order.set(path, order.size);
    low.set(path, order.get(path));
    stack.push(path);
    for (const next of edges.get(path)) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path), low.get(next)));
    }
    if (low.get(path) !== order.get(path)) return;
    const circle = stack.splice(stack.indexOf(path));
    if (circle.length > 1 || edges.get(path).includes(path)) found.push(circle.sort().join(' ↔ '));
  };
  for (const path of edges.keys()) if (!order.has(path)) visit(path);
  return found;
}

/**
 * The sides mirror each other: each of `twins` is at that path on both `sides`, and no other file has the name of one on
 * the other side but at another path.
 */
export function brokenTwins(files, { sides, twins }) {
  const missing = twins
    .flatMap((twin) => sides.map((side) => `${side}/${twin}`))
    .filter((path) => !(path in files))
    .map((path) => `${path} is not there, and its twin is`);
  const [left, right] = sides.map((side) =>
    Object.keys(files)
      .filter((path) => roomOf(path) === side)
      .map((path) => path.slice(side.length + 1)),
  );
  const strays = left
    .filter(
      (path) => !right.includes(path) && right.some((other) => basename(other) === basename(path)),
    )
    .map((path) => `${sides[0]}/${path} has a file of its name on the other side, at another path`);
  const unnamed = left
    .filter((path) => right.includes(path) && !twins.includes(path))
    .map((path) => `${path} is on both sides and is not named as a twin`);
  return [...missing, ...strays, ...unnamed];
}

/** Folders that hold more than `limit` files. */
export function crowdedFolders(files, limit) {
  const counts = new Map();
  for (const path of Object.keys(files))
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > limit)
    .map(([folder, count]) => `${folder} holds ${count} files, more than ${limit}`);
}

/** Lines of more than `limit` characters. */
export function longLines(files, limit) {
  return Object.entries(files).flatMap(([path, text]) =>
    text.split('\n').flatMap((line, at) => {
      const isLong = [...line].length > limit;
      return isLong ? [`${path} has a long line (${at + 1})`] : [];
    }),
  );
}

const windowGlobals = new Set([
  'window',
  'document',
  'location',
  'self',
  'top',
  'parent',
  'navigator',
]);

/** Is `id` only the name of something: a member, a key, a declaration? `{ location }` is a use as well. */
function isName(id) {
  const { parent } = id;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  return parent.name === id || parent.propertyName === id;
}

/** Uses of a window's globals by name, unless the file declares that name, or by `globalThis.name`. */
function windowUsesOf(path, text) {
  const file = parse(path, text);
  const all = [...nodesOf(file)].filter(ts.isIdentifier);
  const isMember = ({ parent }) => ts.isPropertyAccessExpression(parent);
  const declared = new Set(all.filter((id) => isName(id) && !isMember(id)).map((id) => id.text));
  return all
    .filter((id) => windowGlobals.has(id.text))
    .filter((id) => {
      const isUse = !isName(id) && !declared.has(id.text);
      const ofGlobalThis =
        isMember(id) && id.parent.name === id && id.parent.expression.getText() === 'globalThis';
      return isUse || ofGlobalThis;
    })
    .map((id) => {
      const { line } = file.getLineAndCharacterOfPosition(id.getStart());
      return `${path} uses ${id.text} (line ${line + 1})`;
    });
}

/** Uses of a window's globals outside `allowed`: files, and folders that end with a slash. */
export function windowUses(files, allowed) {
  return Object.entries(files)
    .filter(
      ([path]) =>
        !allowed.some((place) => path === place || (place.endsWith('/') && path.startsWith(place))),
    )
    .flatMap(([path, text]) => windowUsesOf(path, text));
}

/** What `node` reads members from: `a` in `a.b`, `a['b']`, `{ b } = a`. */
function readFrom(node) {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
    return node.expression;
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name))
    return node.initializer;
  const isAssignment = ts.isBinaryExpression(node) && ts.isObjectLiteralExpression(node.left);
  return isAssignment ? node.right : undefined;
}

/** Members of `document` that are read from it, where names in the page's markup come first. */
export function documentReads(files, { room, except }) {
  return Object.entries(files)
    .filter(([path]) => roomOf(path) === room && path !== except)
    .flatMap(([path, text]) =>
      [...nodesOf(parse(path, text))]
        .filter((node) => /(^|\.)document$/.test(readFrom(node)?.getText() ?? ''))
        .map((node) => `${path} reads ${node.getText()}`),
    );
}
