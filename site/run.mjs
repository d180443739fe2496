/**
 * The documentation as a site.
 *
 *   npm run docs         serves it, and shows what is changed at once
 *   npm run docs:build   builds it into site/dist; a dead link fails
 */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { build, createServer } from 'vitepress';
import { PAGES } from './pages.mjs';
import { copyPage, root, stage, stageSite } from './stage.mjs';

await stageSite();
if (process.argv.includes('--build')) {
  await build(stage, { outDir: join(root, 'site/dist') });
} else {
  const server = await createServer(stage, { port: 5173, host: '127.0.0.1' });
  await server.listen();
  server.printUrls();
  for (const page of PAGES) watch(join(root, page), () => copyPage(page));
}
