/** The tables of options in the docs are those of the types: each option, its type and its default. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where the options of a type are listed: the table after a line of the document, in the order of the declaration. */
const TABLES = [
  ['docs/connect.md', '## Options', 'dist/hadoken.d.ts', 'ConnectOptions'],
  ['docs/connect.md', '## Services', 'dist/hadoken.d.ts', 'ServiceOptions'],
  ['docs/node.md', '## Options', 'dist/hadoken.d.ts', 'NodeOptions'],
  ['docs/fetch.md', '## More than fetch', 'dist/hadoken.d.ts', 'FetchInit'],
  ['docs/push.md', '## Options of a page', 'dist/hadoken.d.ts', 'SocketOptions'],
  ['docs/push.md', 'Of a connection:', 'dist/hadoken.d.ts', 'ManagerOptions'],
  ...[
    ...['ServeOptions', 'FetchRule', 'StreamRule', 'EventSourceRule', 'IoRules', 'NamespaceRule'],
    ...['SharedIo', 'VaultOptions', 'Token', 'Limits'],
  ].map((name) => ['docs/serve.md', `## \`${name}\``, 'dist/frame.d.ts', name]),
  ['docs/drop-in.md', '## `takeOver(', 'dist/hadoken.drop-in.d.ts', 'TakeOverOptions'],
  ['docs/pack.md', '## From a build script', 'bin/pack.d.mts', 'PackOptions'],
  ['docs/testing.md', '`createTestHost(options, test)`', 'dist/testing.d.ts', 'TestHostOptions'],
  ...[
    ...['LinkOptions', 'DurableAdapterOptions', 'ClusterOptions', 'ListenOptions', 'ClientOptions'],
  ].map((name) => ['docs/cluster.md', `### \`${name}\``, 'packages/cluster/index.d.ts', name]),
];

/** `{ name, type, default }` of each own member of a declared type; a function's type is its parameters. */
function declared(file, name) {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const found = source.statements.find((each) => each.name?.text === name);
  assert.ok(found, `${file} declares ${name}`);
  const members = [];
  const collect = (node) => {
    if (node?.members) members.push(...node.members);
    else ts.forEachChild(node, collect);
  };
  collect(found.members ? found : found.type);
  return members.map((member) => ({
    name: member.name.text,
    type: typeOf(member),
    default:
      ts
        .getJSDocTags(member)
        .filter((tag) => tag.tagName.text === 'default')
        .map((tag) => ts.getTextOfJSDocComment(tag.comment))[0] ?? '',
    isRequired: !member.questionToken,
  }));
}

const plain = (text) =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/ ?\| undefined/g, '')
    .replace(/\s+/g, ' ')
    .replace(/\{\s*\}/g, '{}')
    .trim();

function typeOf(member) {
  if (ts.isMethodSignature(member))
    return `(${member.parameters.map((each) => each.name.text).join(', ')}) => …`;
  const parts = ts.isUnionTypeNode(member.type) ? member.type.types : [member.type];
  const given = parts.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
  const [only] = given;
  // A function that may be undefined is in brackets.
  if (given.length === 1)
    return plain((ts.isParenthesizedTypeNode(only) ? only.type : only).getText());
  return plain(given.map((each) => each.getText()).join(' | '));
}

/** The rows of the first table after `heading`: cells by the names of their columns. */
function tableAfter(file, heading) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(heading));
  assert.notEqual(start, -1, `${file} has a line that begins with ${heading}`);
  const first = lines.findIndex((line, i) => i > start && line.startsWith('| option |'));
  const cells = (line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
  const names = cells(lines[first]);
  const rows = [];
  for (let i = first + 2; lines[i]?.startsWith('|'); i++)
    rows.push(Object.fromEntries(cells(lines[i]).map((cell, column) => [names[column], cell])));
  return rows;
}

const code = (cell) => cell.replace(/^`([^`]*)`$/, '$1');
/** Digits are grouped by commas in the docs, and by underscores in the code. */
const words = (text) => text.replace(/(?<=\d)[_,](?=\d{3})/g, '').replaceAll('`', '');

for (const [file, heading, types, name] of TABLES)
  test(`${file} lists the options of ${name}`, () => {
    const rows = tableAfter(file, heading);
    const options = declared(types, name);
    assert.deepEqual(
      rows.map((row) => code(row.option)),
      options.map((option) => option.name),
    );
    for (const [i, option] of options.entries()) {
      const row = rows[i];
      assert.equal(code(row.type), option.type, `the type of ${option.name}`);
      const said = words(row.default);
      if (said === 'required') assert.ok(option.isRequired, `${option.name} is required`);
      else if (!option.default && said === 'none') continue;
      else
        assert.ok(
          said && words(option.default).startsWith(said),
          `the default of ${option.name} is ${option.default}, and not ${said}`,
        );
      assert.ok(row.effect && row.throws, `${option.name}: what it does, and what it throws`);
    }
  });

test('each type of options that a package exports has a table', () => {
  const told = new Set(TABLES.map(([, , , name]) => name));
  // Of one member, which is told where the function is.
  const elsewhere = ['ListenOptions', 'NotifyOptions', 'HadokenErrorOptions', 'ServiceRule'];
  for (const file of new Set(TABLES.map(([, , types]) => types))) {
    const text = readFileSync(join(root, file), 'utf8');
    const exported = [...text.matchAll(/\b(\w+(?:Options|Rule|Rules|Limits|Init))\b/g)]
      .map(([, each]) => each)
      .filter((each) => new RegExp(`(?:interface|type) ${each}\\b`).test(text));
    for (const each of new Set(exported))
      assert.ok(told.has(each) || elsewhere.includes(each), `${file}: ${each}`);
  }
});
