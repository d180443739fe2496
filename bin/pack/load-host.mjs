/** The text of host.js, bundled where it has to be. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Script } from 'node:vm';

const NEEDS_BUNDLING = /^\s*(import\b(?!\s*\()|export\b)/m;

/** `hadoken/frame` is there already, as the global of frame.js. */
const ownFrame = {
  name: 'hadoken-frame',
  setup(build) {
    build.onResolve({ filter: /^hadoken\/frame$/ }, () => ({
      path: 'hadoken/frame',
      namespace: 'hadoken',
    }));
    build.onLoad({ filter: /.*/, namespace: 'hadoken' }, () => ({
      contents:
        'export const { serve, endShared, transfer, HadokenError, isHadokenError } = hadokenFrame;',
    }));
  },
};

async function bundle(file) {
  let esbuild;
  try {
    esbuild = await import('esbuild');
  } catch {
    throw new Error(`${file} is TypeScript or has imports. For that, npm install esbuild`);
  }
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [file],
      bundle: true,
      write: false,
      minify: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      plugins: [ownFrame],
      logLevel: 'silent',
    });
    return outputFiles[0].text;
  } catch (error) {
    const [{ text, location } = { text: error.message }] = error.errors ?? [];
    const where = location ? `${location.file}:${location.line}` : file;
    throw new Error(`${where}: ${text.replace(/\.$/, '')}`);
  }
}

/** Throws where it can't be read, parsed or bundled, with file and line. */
export async function loadHost(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} can't be read (${error.code})`);
  }
  if (/^\.[cm]?tsx?$/.test(extname(file))) return bundle(file);
  const plain = text.replace(/^\ufeff?#!.*/, '');
  try {
    new Script(plain, { filename: file });
  } catch (error) {
    if (NEEDS_BUNDLING.test(text)) return bundle(file);
    // The stack begins with the file and the line.
    const [where] = error.stack.split('\n');
    throw new Error(`${where}: ${error.message}`);
  }
  return plain;
}
