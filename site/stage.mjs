/** Lays the site's sources into a folder of its own: VitePress takes what lies below its root, and ours lie where readers of the repository look. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';
import { MODULES, PAGES } from './pages.mjs';

export const root = fileURLToPath(new URL('../', import.meta.url));
export const stage = join(root, '.cache/site');

/** What a page links to that is no page: pictures lie beside it, and sources are files of the site. */
function filesOf(page) {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```/g, '');
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

async function makeApi() {
  const app = await Application.bootstrapWithPlugins({
    name: 'API',
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: Object.values(MODULES).map((path) => join(root, path)),
    tsconfig: join(root, 'site/tsconfig.json'),
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
  await app.generateDocs(project, join(stage, 'api'));
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
