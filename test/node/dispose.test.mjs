/** `Symbol.dispose` in the types that are shipped: for users whose `lib` knows it, and for those whose does not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What tsc has to say of `code`, the one file of a user with `lib`, who checks the types of all packages too. */
function compile(lib, code) {
  const folder = mkdtempSync(join(tmpdir(), 'hadoken-user-'));
  const compilerOptions = {
    lib,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    paths: { hadoken: [join(root, 'dist/hadoken.d.ts')] },
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['user.ts'] }),
  );
  writeFileSync(join(folder, 'user.ts'), code);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return stdout;
}

const PLAIN = `import { connect, type Hadoken } from 'hadoken';
const hadoken: Hadoken<{ release: string }> = connect('https://push.example.com/frame.html');
interface Extended extends Hadoken { mine: number }
export const release: string | undefined = hadoken.config?.release;
export const mine = (extended: Extended): number => extended.mine;
hadoken.ready.then(({ fetch }) => fetch('/v1/me'));
hadoken.close();
`;

test('they compile with lib es2022 and dom, which is told of no Symbol.dispose', () => {
  const code = `${PLAIN}
    // @ts-expect-error this lib does not know it
    hadoken[Symbol.dispose]();
    // @ts-expect-error nor does it know what there is to dispose of
    export const disposable: Disposable = hadoken;`;
  assert.equal(compile(['es2022', 'dom'], code), '');
});

test('they compile with lib esnext and dom, where `using` closes a handle', () => {
  const code = `${PLAIN}
    { using mine = connect('https://push.example.com/frame.html'); mine.reconnect(); }
    export const disposable: Disposable = hadoken;
    hadoken[Symbol.dispose]();
    new DisposableStack().use(hadoken);`;
  assert.equal(compile(['esnext', 'dom'], code), '');
});
