import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Serves each test file with all that it imports as one script: three engines, each of which asks for a hundred modules
 * a file, spend most of their time on that.
 */
export function bundleTests(rootDir) {
  const bundles = new Map();
  const bundle = async (path) => {
    const { outputFiles } = await build({
      entryPoints: [join(rootDir, path)],
      absWorkingDir: rootDir,
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      sourcemap: 'inline',
      // The package says that its sources have no effects: a file of tests has nothing else.
      ignoreAnnotations: true,
      tsconfig: join(rootDir, 'tsconfig.json'),
      logLevel: 'silent',
    });
    return outputFiles[0].text;
  };
  return {
    name: 'bundle-tests',
    async serve({ path }) {
      if (!path.endsWith('.test.ts')) return undefined;
      if (!bundles.has(path)) bundles.set(path, bundle(path));
      return { body: await bundles.get(path), type: 'js' };
    },
  };
}
