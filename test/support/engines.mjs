import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The full path of the first of `names` that is on the PATH. */
export function findProgram(...names) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin'];
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not there.
      }
    }
  }
  return undefined;
}

/** WebKitGTK's test browser is in no PATH: the library's folder has it, and its name carries the API version. */
function findMiniBrowser() {
  for (const root of ['/usr/lib', '/usr/libexec', '/usr/lib64']) {
    if (!existsSync(root)) continue;
    const folders = [
      root,
      ...readdirSync(root)
        .filter((name) => name.includes('-linux-gnu'))
        .map((name) => join(root, name)),
    ];
    for (const folder of folders) {
      for (const api of ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0']) {
        const path = join(folder, api, 'MiniBrowser');
        if (existsSync(path)) return path;
      }
    }
  }
  return undefined;
}

/** The programs each engine needs; a value is undefined when it isn't installed. */
export function findEngines() {
  return {
    chromium: { chromium: findProgram('chromium', 'chromium-browser', 'google-chrome') },
    firefox: { firefox: findProgram('firefox-esr', 'firefox') },
    webkit: {
      driver: findProgram('WebKitWebDriver'),
      browser: findMiniBrowser(),
      xvfb: findProgram('Xvfb'),
    },
  };
}

/** Names of the engines with every program there. */
export function presentEngines() {
  return Object.entries(findEngines())
    .filter(([, programs]) => Object.values(programs).every(Boolean))
    .map(([name]) => name);
}

/** The engines to run: all three, or those that ENGINES names (`ENGINES=chromium,firefox npm test`). */
export function wantedEngines() {
  const names = process.env.ENGINES?.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const all = Object.keys(findEngines());
  const unknown = names?.find((name) => !all.includes(name));
  if (unknown) throw new Error(`ENGINES names "${unknown}"; there are: ${all.join(', ')}`);
  return names?.length ? names : all;
}

/** The engine behind a User-Agent header. Also sent to the page as source text: keep it self-contained. */
export function engineOf(agent) {
  if (agent.includes('Firefox')) return 'firefox';
  return agent.includes('Chrome') ? 'chromium' : 'webkit';
}
