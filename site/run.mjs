/**
 * The documentation as a site.
 *
 *   npm run docs         serves it, with the demo, whose cards its pages show; what is changed is shown at once
 *   npm run docs:build   builds it into site/dist; a dead link fails. DEMO_ORIGIN=https://… has cards of a demo there
 */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { build, createServer } from 'vitepress';
import { addresses } from '../demo/server/addresses.mjs';
import { PAGES } from './pages.mjs';
import { copyPage, root, stage, stageSite } from './stage.mjs';

const PORT = Number(process.env.DOCS_PORT ?? 5173);
const docs = `http://docs.hadoken.localhost:${PORT}`;

await stageSite();
if (process.argv.includes('--build')) {
  await build(stage, { outDir: join(root, 'site/dist') });
} else {
  process.env.DEMO_ORIGIN ??= addresses().app;
  const demo = spawn(process.execPath, [join(root, 'demo/start.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DOCS_ORIGIN: docs },
  });
  const server = await createServer(stage, { port: PORT, strictPort: true, host: '127.0.0.1' });
  await server.listen();
  console.log(`\n  The documentation   ${docs}/\n`);
  for (const page of PAGES) watch(join(root, page), () => copyPage(page));
  process.on('exit', () => demo.kill());
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
}
