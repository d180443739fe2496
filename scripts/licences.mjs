// The licences of the packages that are bundled ask to be shipped with the code. Who is bundled, the bundles say themselves.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Beside the bundles, whose banners name it. */
const FILE = 'LICENSES.txt';
const LINE = '='.repeat(80);
const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
/** Ourselves, with the release: `npx hadoken check` reads it of what a server sends. */
const OWN = `hadoken ${version}, MIT`;

/** The packages of all bundles of this build: `{ name, version, license, texts, bundles }` by their folder. */
const packages = new Map();

/** The folder of the package that `module` (a path) is of, undefined for a source of ours. Plugins' own begin with a NUL. */
const folderOf = (module) =>
  /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(
    module.replace('\0', '').replaceAll('\\', '/'),
  )?.[1];

/** The texts of the files of `folder` that a licence asks for. */
async function readTexts(folder) {
  const names = (await readdir(folder))
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
    .sort();
  return Promise.all(
    names.map(async (name) => (await readFile(join(folder, name), 'utf8')).trim()),
  );
}

async function readPackage(folder) {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const texts = await readTexts(folder);
  if (!license || texts.length === 0)
    throw new Error(`${name} is bundled, but has no licence that can be shipped`);
  return { name, version, license, texts, bundles: new Set() };
}

/** The packages in `chunk`, in the order of their names. */
async function packagesIn(chunk) {
  const isLeft = ([, { renderedLength }]) => renderedLength > 0;
  const modules = Object.entries(chunk.modules).filter(isLeft);
  const folders = new Set(modules.map(([module]) => folderOf(module)).filter(Boolean));
  for (const folder of folders)
    if (!packages.has(folder)) packages.set(folder, await readPackage(folder));
  return [...folders]
    .map((folder) => packages.get(folder))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Rollup's `banner`: what is in the bundle, and where the licences are. */
export async function banner(chunk) {
  const bundled = await packagesIn(chunk);
  if (bundled.length === 0) return `/*! ${OWN} */`;
  const names = bundled.map(({ name, version, license }) => `${name} ${version}, ${license}`);
  return `/*! ${[OWN, ...names].join(' | ')} | licences: ${FILE} */`;
}

const sectionOf = ({ name, version, license, texts, bundles }) =>
  `${LINE}\n${name} ${version}, ${license}, in ${[...bundles].sort().join(', ')}\n${LINE}\n\n${texts.join('\n\n')}\n`;

/** Rollup plugin: notes which packages a bundle has. */
export const licences = {
  name: 'licences',
  async generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle))
      if (chunk.type === 'chunk')
        for (const { bundles } of await packagesIn(chunk)) bundles.add(chunk.fileName);
  },
};

/** Rollup plugin, after all bundles: writes the texts of their licences beside them. */
export const licenceFile = {
  name: 'licence-file',
  async writeBundle({ file }) {
    const own = (await readFile(new URL('../LICENSE', import.meta.url), 'utf8')).trim();
    const found = [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const head = 'Hadoken, and the packages that are bundled with it: their licences.';
    const ours = `${LINE}\nhadoken, MIT\n${LINE}\n\n${own}\n`;
    const text = [head, ours, ...found.map(sectionOf)].join('\n');
    await writeFile(join(dirname(file), FILE), text);
  },
};
