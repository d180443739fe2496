/** Of which release each file is, by the comment that it begins with. */
import { readFile } from 'node:fs/promises';
import { isChunk, namesOf } from './files.mjs';

const root = new URL('../../', import.meta.url);
const { version: own } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));

const releaseOf = ({ answer }) =>
  /^\/\*! hadoken (\d+\.\d+\.\d+[^\s,]*), MIT/.exec(answer.text)?.[1];

/** Whether semver lets `b` break what `a` has promised. */
function mayBreak(a, b) {
  const [[major, minor], [otherMajor, otherMinor]] = [a.split('.'), b.split('.')];
  return major !== otherMajor || (major === '0' && minor !== otherMinor);
}

/** @param {import('./files.mjs').File[]} files those of Hadoken that are there */
export async function checkVersions(files, { report }) {
  const releases = files.map((file) => ({ file, name: file.name, release: releaseOf(file) }));
  const unknown = releases.filter(({ release }) => release === undefined);
  if (unknown.length)
    report.add(
      'version-unknown',
      `The comment that says the release is missing in ${namesOf(unknown)}. Serve the files as they are in dist/.`,
    );
  const frame = releases.find(({ name }) => name === 'frame.js')?.release;
  if (frame === undefined) return;
  for (const { name, release } of releases) {
    if (release === undefined || release === frame) continue;
    const code = isChunk(name) || mayBreak(release, frame) ? 'version-mismatch' : 'version-mixed';
    report.add(
      code,
      `${name} is of release ${release} and frame.js of ${frame}. Copy all files of one release; look for an old copy in a cache.`,
    );
  }
  if (frame !== own)
    report.add('version-other', `The frame is of release ${frame}, and this command of ${own}.`);
  const changed = [];
  for (const { file, name, release } of releases) {
    const text =
      release === own &&
      (await readFile(new URL(`dist/${name}`, root), 'utf8').catch(() => undefined));
    if (text && text !== file.answer.text) changed.push(file);
  }
  if (changed.length)
    report.add(
      'file-changed',
      `Not as in release ${own}, byte for byte: ${namesOf(changed)}. Something on the way changes scripts, or they are of another build. A page with "integrity" refuses them.`,
    );
}
