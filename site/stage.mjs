/** Lays the site's sources into a folder of its own: VitePress takes what lies below its root, and ours lie where readers of the repository look. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';
import { MODULES, PAGES } from './pages.mjs';

export const root = fileURLToPath(new URL('../', import.meta.url));
export const stage = join(root, '.cache/site');
const types = join(root, '.cache/types');

/** What a page links to that is no page: pictures lie beside it, and sources are files of the site. */
function filesOf(page) {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```|`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)[^)]*\)/g)]
    .map(([, link]) => normalize(join(dirname(page), link)))
    .filter((path) => !path.endsWith('.md'));
}

function copy(path, to = path) {
  mkdirSync(dirname(join(stage, to)), { recursive: true });
  cpSync(join(root, path), join(stage, to), { recursive: true });
}

export function copyPage(page) {
  copy(page);
  for (const file of filesOf(page))
    copy(file, /\.(svg|png)$/.test(file) ? file : join('public', file));
}

/** A page that is in no section would be found by nobody. */
function checkSections() {
  const documents = readdirSync(join(root, 'docs'), { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  const lost = documents.filter((path) => !PAGES.includes(path));
  if (lost.length) throw new Error(`site/pages.mjs has no place for ${lost.join(', ')}.`);
}

/** Pages are named after files, and VitePress leaves a folder `dist` out: so the types lie in one of their own. */
async function makeApi() {
  rmSync(types, { recursive: true, force: true });
  for (const [name, path] of Object.entries(MODULES))
    cpSync(join(root, path), join(types, `${name}.d.ts`));
  const app = await Application.bootstrapWithPlugins({
    name: 'API',
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: Object.keys(MODULES).map((name) => join(types, `${name}.d.ts`)),
    tsconfig: join(root, 'site/tsconfig.json'),
    outputs: [{ name: 'markdown', path: join(stage, 'api') }],
    router: 'module',
    readme: 'none',
    entryFileName: 'index',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    disableSources: true,
    excludeInternal: true,
    githubPages: false,
    validation: { notExported: false, invalidLink: false, notDocumented: false },
    logLevel: 'Error',
  });
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc can’t read the types: run `npm run build` first.');
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) throw new Error('TypeDoc has made no pages of the API.');
}

/** Everything anew. */
export async function stageSite() {
  checkSections();
  if (!existsSync(join(root, 'dist/hadoken.d.ts')))
    throw new Error('dist/ is missing: run `npm run build` first.');
  rmSync(stage, { recursive: true, force: true });
  for (const page of PAGES) copyPage(page);
  copy('site/index.md', 'index.md');
  copy('site/config.mjs', '.vitepress/config.mjs');
  copy('site/pages.mjs', '.vitepress/pages.mjs');
  copy('site/theme', '.vitepress/theme');
  copy('demo/app/icon.svg', 'public/icon.svg');
  await makeApi();
}
