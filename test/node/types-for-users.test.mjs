/** The built types, as a user's compiler has them: nothing else is installed, and every file is checked. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const users = join(root, 'test/fixtures/types');

/**
 * A user's project: hadoken is a link into a store, as pnpm installs it, and nothing else is there.
 */
let project;
before(() => {
  project = mkdtempSync(join(tmpdir(), 'hadoken-types-'));
  const store = join(project, 'node_modules/.pnpm/hadoken@0.0.0/node_modules/hadoken');
  cpSync(join(root, 'dist'), join(store, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(store, 'package.json'));
  symlinkSync(store, join(project, 'node_modules/hadoken'));
  mkdirSync(join(project, 'src'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  cpSync(users, join(project, 'src'), { recursive: true });
});
after(() => rmSync(project, { recursive: true, force: true }));

const strictest = {
  strict: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUncheckedSideEffectImports: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  declaration: true,
  types: [],
};

const parsedFiles = new Map();

/** A host that parses a file once for all programs, unless it has changed. */
function createHost(options) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const text = name.startsWith(project) ? host.readFile(name) : '';
    const key = JSON.stringify([name, languageVersion, text]);
    if (!parsedFiles.has(key)) parsedFiles.set(key, getSourceFile(name, languageVersion, ...rest));
    return parsedFiles.get(key);
  };
  return host;
}

/** What the compiler says of `files` of the project, and of the declarations that it makes of them. */
function compile(files, given) {
  const json = { ...strictest, ...given };
  const config = join(project, 'tsconfig.json');
  const { options, errors } = ts.convertCompilerOptionsFromJson(json, project, config);
  const paths = files.map((name) => join(project, 'src', name));
  const program = ts.createProgram(paths, options, createHost(options));
  const { diagnostics } = program.emit(undefined, () => {});
  const all = [...errors, ...ts.getPreEmitDiagnostics(program), ...diagnostics];
  return all.map(({ file, start, messageText }) => {
    const line = file && file.getLineAndCharacterOfPosition(start).line + 1;
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    return file ? `${basename(file.fileName)}:${line} ${text}` : text;
  });
}

const es2022 = { target: 'es2022', lib: ['es2022', 'dom'] };
const bundler = { module: 'esnext', moduleResolution: 'bundler' };
const resolutions = {
  bundler: { ...bundler, ...es2022 },
  'bundler, with the newest lib': { ...bundler, target: 'esnext', lib: ['esnext', 'dom'] },
  node16: { module: 'node16', moduleResolution: 'node16', ...es2022 },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', ...es2022 },
  // As in projects of before 2023; typesVersions in package.json is for them.
  node10: { module: 'esnext', moduleResolution: 'node10', ignoreDeprecations: '6.0', ...es2022 },
};
for (const [name, options] of Object.entries(resolutions)) {
  test(`users compile with nothing but hadoken installed, and every file checked: ${name}`, () => {
    assert.deepEqual(
      compile(['page.ts', 'host.ts', 'globals.ts', 'script.ts', 'node.ts'], options),
      [],
    );
  });
}

test('there are no globals for who does not ask for them', () => {
  assert.deepEqual(compile(['page.ts', 'host.ts', 'without-globals.ts'], resolutions.bundler), []);
});

test('the globals can be named under `types`, and then need no import', () => {
  writeFileSync(join(project, 'src/plain.ts'), 'hadoken.fetch(window.hadoken.state);\n');
  const options = { ...resolutions.bundler, isolatedModules: false, types: ['hadoken/globals'] };
  assert.deepEqual(compile(['plain.ts'], options), []);
});

test('the check sees a type of a package that is not installed, and one that the lib does not have', () => {
  const declarations = join(project, 'node_modules/hadoken/dist/hadoken.d.ts');
  const text = readFileSync(declarations, 'utf8');
  const wrong =
    "import type { Emitter } from 'socket.io-client';\ndeclare function f(): Disposable;\n";
  writeFileSync(declarations, wrong + text);
  const found = compile(['page.ts'], resolutions.bundler);
  writeFileSync(declarations, text);
  assert.equal(found.length, 2, found.join('\n'));
  assert.match(found[0], /^hadoken\.d\.ts:1 Cannot find module 'socket\.io-client'/);
  assert.match(found[1], /^hadoken\.d\.ts:2 Cannot find name 'Disposable'/);
});

test("socket.io-client's types take and refuse what ours do", () => {
  // The cases are compiled against ours by `tsc -p test`.
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status, stdout } = spawnSync(tsc, ['--noEmit', '-p', 'test/types/push'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});
