/** Opens `url` in a new page; its `close()` also closes the windows the test left open. */
export async function openPage(browser, url) {
  const page = await browser.newPage();
  await page.setViewport({ width: 800, height: 600 });
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return {
    url: () => page.url(),
    async close() {
      // The last page stays: a browser without one may quit.
      const [, ...others] = await browser.pages();
      const left = others.filter((other) => other !== page);
      // A window may be closing itself, and then has no target any more. A browser that died fails the page's own close.
      await Promise.allSettled(left.map((other) => other.close()));
      await page.close();
    },
  };
}
