import { startChild } from './child.mjs';
import { findEngines } from './engines.mjs';
import { freePort } from './free-port.mjs';
import { createLauncher } from './launcher.mjs';
import { WebDriver } from './webdriver.mjs';

/**
 * WebKitGTK's MiniBrowser over WebDriver classic, on a display of our own. The driver allows one session at
 * a time: a new browser with an empty profile, with `more` capabilities.
 */
export async function launchWebkit() {
  const programs = findEngines().webkit;
  // Xvfb picks a free display and writes its number to descriptor 3.
  const display = await startChild(
    programs.xvfb,
    ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'],
    { until: /(\d+)\n/, stdio: ['ignore', 'pipe', 'ignore', 'pipe'] },
  );
  const port = await freePort();
  const server = `http://127.0.0.1:${port}`;
  const driver = await startChild(programs.driver, [`--port=${port}`], {
    env: {
      DISPLAY: `:${display.match[1]}`,
      GDK_BACKEND: 'x11',
      LIBGL_ALWAYS_SOFTWARE: '1',
      NO_AT_BRIDGE: '1',
    },
  });
  await untilListening(server);
  return {
    newSession: (more = {}) =>
      WebDriver.start(server, { ...capabilities(programs.browser), ...more }),
    stop() {
      driver.stop();
      display.stop();
    },
  };
}

/**
 * WebKit with several windows, each as much of puppeteer's Page as tests of several engines use: `{ browser: { newPage },
 * stop }`. A command of WebDriver goes to one window at a time, so they wait for each other. Windows, for of the tabs of
 * one only the first is ever shown.
 */
export async function launchWebkitTabs() {
  const { newSession, stop } = await launchWebkit();
  const session = await newSession({ pageLoadStrategy: 'normal' });
  // Stays: a session whose window is gone opens no other.
  const first = await session.window();
  let last = Promise.resolve();
  const inTurn = (run) => {
    const done = last.then(run);
    last = done.catch(() => {});
    return done;
  };
  const newPage = async () => {
    const handle = await inTurn(async () => {
      await session.switchTo(first);
      return session.newWindow();
    });
    const here = (run) =>
      inTurn(async () => {
        await session.switchTo(handle);
        return run();
      });
    return {
      goto: (url) => here(() => session.navigate(url)),
      evaluate: (...args) => here(() => session.evaluate(...args)),
      bringToFront: () => here(() => {}),
      close: () => here(() => session.closeWindow()),
    };
  };
  return { browser: { newPage }, stop: () => session.quit().finally(stop) };
}

/**
 * Each test file gets a window of its own: a browser of its own took two seconds a file. What it keeps is one profile's, as
 * in the other engines.
 */
export function webkitLauncher() {
  return createLauncher('webkit', async () => {
    const { newSession, stop } = await launchWebkit();
    const session = await newSession();
    // Stays: a session whose window is gone opens no other.
    const first = await session.window();
    return {
      version: session.version.split('.').slice(0, 2).join('.'),
      async open(url) {
        await session.switchTo(await session.newWindow());
        await session.navigate(url);
        return {
          url: () => session.url(),
          async close() {
            await session.closeWindow();
            await session.switchTo(first);
          },
        };
      },
      async stop() {
        await session.quit().catch(() => {});
        stop();
      },
    };
  });
}

const capabilities = (binary) => ({
  // Don't wait for a load: the runner hears from the page itself.
  pageLoadStrategy: 'none',
  'webkitgtk:browserOptions': {
    binary,
    // Without the policy a frame on another *.localhost can't set cookies.
    args: [
      '--automation',
      '--cookies-policy=always',
      // Tests open windows without a click.
      '--javascript-can-open-windows-automatically=true',
    ],
  },
});

/** The driver says nothing when it is up: ask until it answers. */
async function untilListening(server, timeout = 30_000) {
  for (const start = Date.now(); ; ) {
    try {
      return await fetch(`${server}/status`);
    } catch (error) {
      if (Date.now() - start > timeout) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
