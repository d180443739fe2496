import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import inject from '@rollup/plugin-inject';
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import typescript from '@rollup/plugin-typescript';
import { declarations, forwardNode, globals, testing } from './scripts/declarations.mjs';
import { integrity } from './scripts/integrity.mjs';
import { banner, licenceFile, licences } from './scripts/licences.mjs';
import { ownGlobals } from './scripts/own-globals.mjs';

const plugins = [
  nodeResolve({ browser: true }),
  typescript({
    noEmit: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
    noCheck: true,
  }),
  ownGlobals,
  terser({ ecma: 2022, module: true, compress: { passes: 3 } }),
  licences,
];
// Push, with socket.io-client, is loaded when the first socket is asked for; frame.mjs names the chunk where bundlers see it.
const ioChunk = fileURLToPath(new URL('src/frame/push/chunk.ts', import.meta.url));
// Loaded where host.js says `io.parser: 'msgpack'`.
const msgpackChunk = fileURLToPath(new URL('src/frame/push/parser/msgpack.ts', import.meta.url));
// Loaded in the SharedWorker of all pages alone.
const hubChunk = fileURLToPath(new URL('src/hub/hub.ts', import.meta.url));
// Loaded where host.js has a vault.
const vaultChunk = fileURLToPath(new URL('src/frame/vault/chunk.ts', import.meta.url));
// The module takes what it needs of the page's side from there, so that there is one copy of it.
const page = fileURLToPath(new URL('src/parent/index.ts', import.meta.url));
// Loaded only where the engine has no URLPattern.
const urlPattern = 'urlpattern-polyfill';
const bundle = (input, file, output = {}) => ({
  input,
  external: [ioChunk, msgpackChunk, hubChunk, vaultChunk, urlPattern],
  output: {
    file: `dist/${file}`,
    format: 'es',
    sourcemap: true,
    paths: {
      [ioChunk]: './frame.io.js',
      [msgpackChunk]: './frame.msgpack.js',
      [hubChunk]: './frame.hub.js',
      [vaultChunk]: './frame.vault.js',
      [urlPattern]: './frame.urlpattern.js',
    },
    banner,
    ...output,
  },
  plugins,
});
const script = { format: 'iife' };

// In Node, ws and socket.io-client are installed beside it, and what Node lacks comes from node/effects/lacking.ts.
const lacking = fileURLToPath(new URL('src/node/effects/lacking.ts', import.meta.url));
const lacks = ['reportError', 'ErrorEvent', 'CloseEvent'];
const lacked = Object.fromEntries(lacks.map((name) => [name, [lacking, name]]));
const [, compile] = plugins;
const forNode = (input, file) => ({
  ...bundle(input, file),
  external: ['ws', 'socket.io-client', 'engine.io-client', msgpackChunk],
  // Not minified: Node prints the line that throws, and nobody loads it over a network.
  plugins: [
    nodeResolve(),
    compile,
    inject({
      modules: { ...lacked, 'AbortSignal.any': [lacking, 'anySignal'] },
      include: ['src/**'],
      exclude: [lacking],
    }),
    licences,
  ],
});

export default [
  bundle('src/parent/script.ts', 'hadoken.js', script),
  bundle('src/parent/index.ts', 'hadoken.mjs'),
  bundle('src/parent/include/loader.ts', 'hadoken.loader.js', script),
  bundle('src/drop-in/script.ts', 'hadoken.drop-in.js', script),
  {
    ...bundle('src/drop-in/index.ts', 'hadoken.drop-in.mjs', {
      paths: { [page]: './hadoken.mjs' },
    }),
    external: [page],
  },
  {
    input: 'src/drop-in/index.ts',
    external: [page],
    output: { file: 'dist/hadoken.drop-in.d.ts', paths: { [page]: './hadoken.js' } },
    plugins: declarations(),
  },
  bundle('src/frame/script.ts', 'frame.js', script),
  bundle('src/frame/index.ts', 'frame.mjs'),
  forNode('src/node/index.ts', 'hadoken.node.mjs'),
  forNode('src/node/frame.ts', 'frame.node.mjs'),
  forNode('src/node/testing.ts', 'testing.mjs'),
  {
    ...bundle('src/frame/push/chunk.ts', 'frame.io.js'),
    external: [],
  },
  {
    ...bundle('src/frame/push/parser/msgpack.ts', 'frame.msgpack.js'),
    external: [],
    plugins: [commonjs(), ...plugins],
  },
  {
    ...bundle('src/hub/hub.ts', 'frame.hub.js'),
    external: [],
  },
  {
    ...bundle('src/frame/vault/chunk.ts', 'frame.vault.js'),
    external: [],
  },
  {
    ...bundle(urlPattern, 'frame.urlpattern.js'),
    external: [],
  },
  { input: 'src/parent/index.ts', output: { file: 'dist/hadoken.d.ts' }, plugins: declarations() },
  globals,
  forwardNode,
  testing,
  {
    input: 'src/frame/index.ts',
    output: { file: 'dist/frame.d.ts' },
    plugins: [
      ...declarations(),
      {
        name: 'frame-page',
        async writeBundle() {
          await mkdir('dist', { recursive: true });
          await copyFile('src/frame/frame.html', 'dist/frame.html');
        },
      },
      integrity,
      licenceFile,
    ],
  },
];
