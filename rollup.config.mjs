import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import typescript from '@rollup/plugin-typescript';
import { declarations, globals } from './scripts/declarations.mjs';
import { integrity } from './scripts/integrity.mjs';
import { banner, licenceFile, licences } from './scripts/licences.mjs';

const plugins = [
  nodeResolve({ browser: true }),
  typescript({
    noEmit: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
  }),
  terser({ ecma: 2022, module: true, compress: { passes: 3 } }),
  licences,
];
// socket.io-client is loaded when the first socket is asked for; frame.mjs names the chunk where bundlers see it.
const ioChunk = fileURLToPath(new URL('src/frame/push/socket-io-client.ts', import.meta.url));
// The module takes what it needs of the page's side from there, so that there is one copy of it.
const page = fileURLToPath(new URL('src/parent/index.ts', import.meta.url));
// Loaded only where the engine has no URLPattern.
const urlPattern = 'urlpattern-polyfill';
const bundle = (input, file, output = {}) => ({
  input,
  external: [ioChunk, urlPattern],
  output: {
    file: `dist/${file}`,
    format: 'es',
    sourcemap: true,
    paths: { [ioChunk]: './frame.io.js', [urlPattern]: './frame.urlpattern.js' },
    banner,
    ...output,
  },
  plugins,
});
const script = { format: 'iife' };

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
  {
    ...bundle('src/frame/push/socket-io-client.ts', 'frame.io.js'),
    external: [],
  },
  {
    ...bundle(urlPattern, 'frame.urlpattern.js'),
    external: [],
  },
  { input: 'src/parent/index.ts', output: { file: 'dist/hadoken.d.ts' }, plugins: declarations() },
  globals,
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
