/** The built types, as users read them: what is public and no more, with every option documented. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * What may be imported, and what it is made of that has no name for users. A new name is a decision:
 * add it here.
 */
const names = {
  'hadoken.d.ts': {
    values: ['HadokenError', 'connect', 'isHadokenError', 'transfer'],
    types: [
      'ConnectOptions',
      'ConnectionEvents',
      'ConnectionState',
      'DecorateAcknowledgements',
      'DefaultEventsMap',
      'DisconnectDescription',
      'DisconnectReason',
      'Engine',
      'EngineEvent',
      'ErrorCode',
      'EventSourceConstructor',
      'EventsMap',
      'ExtendedError',
      'FetchInit',
      'FrameEventSource',
      'FrameTimes',
      'FrameWebSocket',
      'Hadoken',
      'HadokenErrorOptions',
      'HadokenEvents',
      'Handshake',
      'Io',
      'Listen',
      'ListenOptions',
      'LogLevel',
      'Logger',
      'Manager',
      'ManagerConstructor',
      'ManagerOptions',
      'ManagerReservedEvents',
      'Packet',
      'Progress',
      'Remote',
      'ReportEvents',
      'RequestReport',
      'RequestTiming',
      'ResourceTiming',
      'ServerTiming',
      'Service',
      'ServiceOptions',
      'Services',
      'Socket',
      'SocketOptions',
      'SocketReport',
      'SocketReservedEvents',
      'StreamErrorEvent',
      'Streamed',
      'Transferred',
      'TypedEmitter',
      'WebSocketConstructor',
    ],
    unnamed: [
      'AllButLast',
      'Answer',
      'AnswerAfterError',
      'AnyListener',
      'Auth',
      'BareEngineEvent',
      'CatchAllListener',
      'Dispose',
      'EngineListen',
      'EventListenerOf',
      'EventNames',
      'EventParams',
      'IsError',
      'Last',
      'ListenerOrAny',
      'Listening',
      'METHODS',
      'Method',
      'NodeOptions',
      'OnError',
      'Returned',
      'Self',
      'ServiceContext',
      'ServiceMethods',
      'ServiceRule',
      'WithErrorFirst',
    ],
  },
  'frame.d.ts': {
    values: [
      ...['HadokenError', 'endShared', 'isHadokenError'],
      ...['notify', 'serve', 'service', 'transfer', 'vault'],
    ],
    types: [
      'AuthContext',
      'Context',
      'ErrorCode',
      'EventSourceRule',
      'FetchRule',
      'HadokenErrorOptions',
      'IoRules',
      'Limits',
      'NamespaceRule',
      'NotifyOptions',
      'RequestContext',
      'ResponseContext',
      'ServeOptions',
      'ServeSetup',
      'Service',
      'ServiceContext',
      'ServiceMethods',
      'ServiceRule',
      'Services',
      'SharedIo',
      'SignedIn',
      'StreamRule',
      'Token',
      'Transferred',
      'VaultOptions',
    ],
    unnamed: ['METHODS', 'Method', 'Self'],
  },
};

/**
 * Every member of these options and rules must say what it is for and, where it may be left out,
 * what holds then.
 */
const documented = {
  'hadoken.d.ts': [
    'ConnectOptions',
    'FetchInit',
    'ManagerOptions',
    'SocketOptions',
    'ListenOptions',
    'ServiceOptions',
  ],
  'frame.d.ts': [
    ...['ServeOptions', 'FetchRule', 'StreamRule', 'IoRules', 'Limits', 'Context'],
    'VaultOptions',
  ],
};

const parse = (file) => {
  const text = readFileSync(join(root, 'dist', file), 'utf8');
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
};
/** A variable's name is in its list. */
const declaredIn = (node) =>
  ts.isVariableStatement(node) ? [...node.declarationList.declarations] : [node];
const isExport = (node) => ts.isExportDeclaration(node) || ts.isImportDeclaration(node);
const declarationsOf = (source) =>
  source.statements.flatMap(declaredIn).filter((node) => !isExport(node) && node.name);
const hasExport = (node) => ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export;
const isType = (node) =>
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isModuleDeclaration(node);
const sorted = (list) => [...new Set(list)].sort();

function namesOf(source) {
  const exported = source.statements
    .filter(ts.isExportDeclaration)
    .flatMap((node) => node.exportClause.elements.map(({ name }) => name.text));
  const declared = declarationsOf(source);
  const isExported = (node) => exported.includes(node.name.text) || hasExport(node);
  const textOf = (nodes) => sorted(nodes.map(({ name }) => name.text));
  return {
    values: textOf(declared.filter((node) => isExported(node) && !isType(node))),
    types: textOf(declared.filter((node) => isExported(node) && isType(node))),
    unnamed: textOf(declared.filter((node) => !isExported(node))),
  };
}

for (const [file, expected] of Object.entries(names)) {
  test(`${file} declares what is exported, and no internals`, () => {
    assert.deepEqual(namesOf(parse(file)), expected);
  });
}

test('the check sees an internal type, exported or not', () => {
  const text = `/** */ type WireError = { name: string }; export interface Session { error: WireError }
    declare const connect: () => Session; export { connect };`;
  const source = ts.createSourceFile('example.d.ts', text, ts.ScriptTarget.Latest, true);
  assert.deepEqual(namesOf(source), {
    values: ['connect'],
    types: ['Session'],
    unnamed: ['WireError'],
  });
});

test('no file of types imports a package, or a file that is not shipped', () => {
  const importsOf = (file) => ts.preProcessFile(readFileSync(join(root, 'dist', file), 'utf8'));
  const imported = (file) => importsOf(file).importedFiles.map(({ fileName }) => fileName);
  assert.deepEqual(['hadoken.d.ts', 'frame.d.ts'].flatMap(imported), []);
  assert.deepEqual(sorted(imported('globals.d.ts')), ['./frame.js', './hadoken.js']);
});

test('the module for hadoken/globals has no code', () => {
  const text = readFileSync(join(root, 'dist/globals.mjs'), 'utf8');
  assert.equal(text.replace(/\/\*.*?\*\/|\/\/.*/gs, '').trim(), 'export {};');
});

/** A member's comment as one line, with the names of links in their place. */
const commentOf = (node) =>
  (ts.getJSDocCommentsAndTags(node).at(-1)?.getText() ?? '')
    .replace(/\s*\n\s*\*/g, '')
    .replace(/\{@link ([^}]+)\}/g, '$1');
const membersOf = (node) => node.members ?? node.type.members;

for (const [file, list] of Object.entries(documented)) {
  test(`every option in ${file} says in a sentence what it is for, and what holds without it`, () => {
    const options = declarationsOf(parse(file)).filter(({ name }) => list.includes(name.text));
    assert.equal(options.length, list.length);
    const lacking = options.flatMap((node) =>
      membersOf(node)
        .filter((member) => {
          const comment = commentOf(member);
          const isSentence = /\*\* [^@]{20,}[.:] /.test(`${comment} `);
          return !isSentence || (member.questionToken && !/@default \S/.test(comment));
        })
        .map((member) => `${node.name.text}.${member.name.text}`),
    );
    assert.deepEqual(lacking, []);
  });
}
