/**
 * A browser launcher for @web/test-runner. `start()` brings up a browser and resolves with
 * `{ version, open(url), stop() }`, where `open` resolves with a page: `{ url(), close() }`.
 *
 * Every test file gets a page of its own, one at a time: a page in the background has throttled timers.
 * A browser that dies is started again for the next file; the file it died under has failed.
 */
export function createLauncher(engine, start) {
  let browser;
  let failedStarts = 0;
  const pages = new Map();
  const launcher = {
    name: engine,
    type: engine,
    concurrency: 1,
    async startSession(sessionId, url) {
      // A browser that did not start twice won't the third time: don't wait for it at every file.
      if (failedStarts > 1) throw new Error(`${engine} does not start, see its first failure`);
      browser ??= start().then(
        (started) => {
          launcher.name = `${engine} ${started.version}`;
          return started;
        },
        (error) => {
          failedStarts += 1;
          throw error;
        },
      );
      try {
        pages.set(sessionId, await (await browser).open(url));
      } catch (error) {
        await launcher.stop();
        throw new Error(`${engine} could not open the test page: ${error.message}`, { cause: error });
      }
    },
    isActive: (sessionId) => pages.has(sessionId),
    getBrowserUrl: (sessionId) => pages.get(sessionId)?.url(),
    async stopSession(sessionId) {
      const page = pages.get(sessionId);
      pages.delete(sessionId);
      try {
        await page.close();
      } catch (error) {
        await launcher.stop();
        return {
          errors: [{ name: error.name, message: `${engine} died under this file: ${error.message}` }],
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
