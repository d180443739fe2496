import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

const packages = [
  'comlink',
  'penpal',
  'post-robot',
  'xdomain',
  'axios',
  'socket.io-client',
  'socket.io',
];

function versionOf(folder) {
  try {
    return JSON.parse(
      readFileSync(new URL(`${folder}/package.json`, new URL('../', import.meta.url))),
    ).version;
  } catch {
    return 'not installed';
  }
}

/** How many programs have wanted the processor at once, over the last minute. */
export const loadNow = () => loadavg()[0].toFixed(1);

/** What the figures depend on: the machine, how busy it was at the start, and every version. */
export function describeMachine(browser) {
  const [{ model }] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    hardware: `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}, Node ${process.versions.node}, ${browser}`,
    load: loadNow(),
    versions: Object.fromEntries([
      ['hadoken', versionOf('.')],
      ...packages.map((name) => [name, versionOf(`node_modules/${name}`)]),
    ]),
  };
}
