import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** What each room may import: rooms of ours, packages. */
const rooms = {
  rpc: ['rpc', 'comlink'],
  ajax: ['ajax', 'rpc'],
  // Nothing of socket.io-client, nor its types: who uses ours need not have it.
  parent: ['parent', 'ajax', 'rpc'],
  frame: ['frame', 'ajax', 'rpc', 'socket.io-client', 'socket.io-parser', 'urlpattern-polyfill'],
};
/** Rooms that must also run in a worker and in Node, and what they must therefore not touch. */
const windowless = ['rpc', 'ajax'];
const windowGlobals = new Set(['window', 'document', 'location', 'self', 'top', 'parent', 'navigator']);

const parse = (path, text) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

function* nodesOf(node) {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** Every module a file names: import, export … from, import(), and types by import('…'). */
function* importsOf(file) {
  for (const node of nodesOf(file)) {
    const isDeclaration = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    if (isDeclaration && node.moduleSpecifier)
      yield `${isOfTypes(node) ? 'type ' : ''}${node.moduleSpecifier.text}`;
    const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    // A computed import() can't be judged by reading; what is loaded so is checked where it is built.
    if (isCall && ts.isStringLiteralLike(node.arguments[0])) yield node.arguments[0].text;
    if (ts.isImportTypeNode(node)) yield node.argument.literal.text;
  }
}

/** `import type` or `export type`, which leave nothing in what is built. */
const isOfTypes = (node) => node.isTypeOnly || node.importClause?.isTypeOnly;

/** The room or the package that `specifier` leads to, seen from `path`. */
function targetOf(path, specifier) {
  if (specifier.startsWith('type ')) return `type ${targetOf(path, specifier.slice(5))}`;
  if (specifier.startsWith('.')) return relative(src, join(dirname(path), specifier)).split('/')[0];
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** What may be imported may have its types imported. */
const isAllowed = (target, allowed) =>
  allowed.includes(target) || allowed.includes(target.replace(/^type /, ''));

/** Is `id` only the name of something: a member, a key, a declaration? `{ location }` is a use as well. */
function isName(id) {
  const { parent } = id;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  return parent.name === id || parent.propertyName === id;
}

/** Uses of a window's globals by name, unless the file declares that name, or by `globalThis.name`. */
function* windowUsesOf(file) {
  const all = [...nodesOf(file)].filter(ts.isIdentifier);
  const isMember = ({ parent }) => ts.isPropertyAccessExpression(parent);
  const declared = new Set(all.filter((id) => isName(id) && !isMember(id)).map(({ text }) => text));
  for (const id of all.filter(({ text }) => windowGlobals.has(text))) {
    const isUse = !isName(id) && !declared.has(id.text);
    const ofGlobalThis =
      isMember(id) && id.parent.name === id && id.parent.expression.getText() === 'globalThis';
    if (!isUse && !ofGlobalThis) continue;
    const { line } = file.getLineAndCharacterOfPosition(id.getStart());
    yield `${id.text} (line ${line + 1})`;
  }
}

const filesOf = (room) =>
  existsSync(join(src, room))
    ? readdirSync(join(src, room), { recursive: true })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(src, room, name))
    : [];

for (const [room, allowed] of Object.entries(rooms)) {
  test(`${room} imports ${allowed.join(', ')} and nothing else`, () => {
    const files = filesOf(room);
    assert.notEqual(files.length, 0, `src/${room} has no files`);
    const wrong = files.flatMap((path) =>
      [...importsOf(parse(path, readFileSync(path, 'utf8')))]
        .filter((specifier) => !isAllowed(targetOf(path, specifier), allowed))
        .map((specifier) => `${relative(src, path)} imports ${specifier}`),
    );
    assert.deepEqual(wrong, []);
  });
}

for (const room of windowless) {
  test(`${room} touches no global of a window`, () => {
    const wrong = filesOf(room).flatMap((path) =>
      [...windowUsesOf(parse(path, readFileSync(path, 'utf8')))].map(
        (use) => `${relative(src, path)} uses ${use}`,
      ),
    );
    assert.deepEqual(wrong, []);
  });
}

/** Members of `document` that are read from it, where names in the page's markup come first. */
function* documentReadsOf(file) {
  for (const node of nodesOf(file)) {
    const isRead = ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
    if (isRead && /(^|\.)document$/.test(node.expression.getText())) yield node.getText();
  }
}

test('parent reads the page’s document through page-document.ts only', () => {
  const wrong = filesOf('parent')
    .filter((path) => !path.endsWith('/page-document.ts'))
    .flatMap((path) => [...documentReadsOf(parse(path, readFileSync(path, 'utf8')))]);
  assert.deepEqual(wrong, []);
  const bad = parse(join(src, 'example.ts'), "document.body; window.document['head']; call(document); x.y;");
  assert.deepEqual([...documentReadsOf(bad)], ['document.body', "window.document['head']"]);
});

test('the check sees a forbidden import and a forbidden global, and nothing in what only looks alike', () => {
  const path = join(src, 'rpc/example.ts');
  const bad = parse(
    path,
    `import './a.ts'; export * from '../frame/gate.ts'; import('socket.io-client');
    parent.postMessage(1); f({ location }); globalThis.navigator;`,
  );
  assert.deepEqual(
    [...importsOf(bad)].map((name) => targetOf(path, name)),
    ['rpc', 'frame', 'socket.io-client'],
  );
  assert.deepEqual(
    [...windowUsesOf(bad)].map((use) => use.split(' ')[0]),
    ['parent', 'location', 'navigator'],
  );
  const good = parse(
    path,
    `// window\nconst a = 'document'; b.location; ({ top: 1 }); function f(self: Self) { return self; }
    interface Side { parent: string } `,
  );
  assert.deepEqual([...windowUsesOf(good)], []);
});
