/**
 * A browser launcher for @web/test-runner. `start()` brings up a browser and resolves with
 * `{ version, open(url), stop() }`, where `open` resolves with a page: `{ url(), close() }`.
 *
 * Every test file gets a page of its own, one at a time: a page in the background has throttled timers.
 * A browser that dies is started again for the next file; the file it died under has failed.
 */
export function createLauncher(engine, start) {
  let browser;
  let isHopeless = false;
  const pages = new Map();
  function getBrowser() {
    // A browser that did not start twice won't the third time: don't wait for it at every file.
    if (isHopeless) throw new Error('it does not start, see its first failure');
    browser ??= startTwice().then(
      (started) => {
        launcher.name = `${engine} ${started.version}`;
        return started;
      },
      (error) => {
        isHopeless = true;
        throw error;
      },
    );
    return browser;
  }
  /** On a machine that is busy, one may not come up in time. No test has run by then. */
  async function startTwice() {
    try {
      return await start();
    } catch (error) {
      console.warn(`${engine} did not start, and is started once more: ${error.message}`);
      return start();
    }
  }
  const launcher = {
    name: engine,
    type: engine,
    concurrency: 1,
    async startSession(sessionId, url) {
      const wasRunning = browser !== undefined;
      try {
        pages.set(sessionId, await (await getBrowser()).open(url));
      } catch (error) {
        await launcher.stop();
        // It died under an earlier file, which has failed for it; this one gets a new browser.
        if (wasRunning) return launcher.startSession(sessionId, url);
        throw new Error(`${engine} could not open the test page: ${error.message}`, {
          cause: error,
        });
      }
    },
    isActive: (sessionId) => pages.has(sessionId),
    // Asked of a dead browser too, and the runner itself would die of an error.
    getBrowserUrl: async (sessionId) => {
      try {
        return await pages.get(sessionId)?.url();
      } catch {
        return undefined;
      }
    },
    async stopSession(sessionId) {
      const page = pages.get(sessionId);
      pages.delete(sessionId);
      try {
        await page.close();
      } catch (error) {
        await launcher.stop();
        return {
          errors: [
            { name: error.name, message: `${engine} died under this file: ${error.message}` },
          ],
        };
      }
      return {};
    },
    startDebugSession() {
      throw new Error(
        'Debugging is not offered: run `npx web-test-runner --manual` and open the page by hand.',
      );
    },
    async stop() {
      const started = browser;
      browser = undefined;
      await started?.then((it) => it.stop()).catch(() => {});
    },
  };
  return launcher;
}
