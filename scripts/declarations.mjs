// The types that are shipped: a file for each entry, of what index.ts exports and what that needs.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dts } from 'rollup-plugin-dts';

const root = new URL('../', import.meta.url);
const sourceOf = (path) => fileURLToPath(new URL(path, root));

/**
 * Takes the comment at the top of each source file away. It tells of the file, and in the built one
 * it would read as though it told of the type below it.
 */
const withoutHeaders = {
  name: 'without-headers',
  renderChunk: (code) =>
    code
      .replace(/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=\n|\/\*\*|declare global)/gm, '')
      .replace(/\n{3,}/g, '\n\n'),
};

/** Rollup plugins that make one file of types. */
export const declarations = () => [dts(), withoutHeaders];

/**
 * Writes the module of `hadoken/globals`, which has no code: bundlers have to find something there.
 * It has a source map, as every script in dist has.
 */
const emptyModule = {
  name: 'empty-module',
  async writeBundle() {
    const source = await readFile(new URL('src/globals.ts', root), 'utf8');
    const map = {
      version: 3,
      sources: ['../src/globals.ts'],
      sourcesContent: [source],
      names: [],
      mappings: '',
    };
    const code = '/*! hadoken, MIT */\nexport {};\n//# sourceMappingURL=globals.mjs.map\n';
    await writeFile(new URL('dist/globals.mjs', root), code);
    await writeFile(new URL('dist/globals.mjs.map', root), JSON.stringify(map));
  },
};

const page = sourceOf('src/parent/index.ts');
const frame = sourceOf('src/frame/index.ts');

/** Rollup's configuration for `hadoken/globals`, whose types are those of the two entries. */
export const globals = {
  input: 'src/globals.ts',
  external: [page, frame],
  output: { file: 'dist/globals.d.ts', paths: { [page]: './hadoken.js', [frame]: './frame.js' } },
  plugins: [...declarations(), emptyModule],
};

/** `connect()` as src/node/connect.ts describes it: the page's own description is not true in Node. */
async function declareNodeConnect() {
  const source = await readFile(new URL('src/node/connect.ts', root), 'utf8');
  const [, comment] = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)export function connect</.exec(source);
  return `import type { ConnectOptions, Hadoken } from './hadoken.js';
export * from './hadoken.js';
${comment}export declare function connect<Config = unknown>(
  frame: string | URL,
  options?: ConnectOptions,
): Hadoken<Config>;
`;
}

/** Rollup's configuration for `hadoken/node`, whose types are the page's but for `connect()`. */
export const forwardNode = {
  input: 'src/parent/index.ts',
  external: (id) => !id.endsWith('parent/index.ts'),
  output: { file: 'dist/hadoken.node.d.ts' },
  plugins: [
    {
      name: 'forward-node',
      load: (id) => (id.endsWith('parent/index.ts') ? "export * from './hadoken.js';\n" : null),
      renderChunk: declareNodeConnect,
    },
  ],
};

/** Rollup's configuration for the types of `hadoken/testing`. */
export const testing = {
  input: 'src/node/testing.ts',
  external: [page, frame],
  output: { file: 'dist/testing.d.ts', paths: { [page]: './hadoken.js', [frame]: './frame.js' } },
  plugins: declarations(),
};
