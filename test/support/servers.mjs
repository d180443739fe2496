import { listen } from './http-server.mjs';
import { pagesOnly } from './page-server.mjs';
import { startPushServer } from './push-server.mjs';

/**
 * The origins one engine is tested with; `app` is the runner's own. Each engine has a set of its own, so
 * that stopping Socket.IO under one doesn't fail the test of another.
 */
export async function startServers(app) {
  // Filled below: the handlers read it at request time.
  const origins = { app };
  const [push, other, shop] = await Promise.all([
    startPushServer(origins),
    listen(pagesOnly(origins)),
    listen(pagesOnly(origins)),
  ]);
  // Same-site with the app, cross-origin.
  origins.push = `http://push.hadoken.localhost:${push.port}`;
  origins.shop = `http://shop.hadoken.localhost:${shop.port}`;
  // The push server by another name: what reaches that origin is in its log too.
  origins.sink = `http://sink.hadoken.localhost:${push.port}`;
  // Another site.
  origins.other = `http://other.localhost:${other.port}`;
  return origins;
}

/** The same where no test runner serves `app`: it has the plain pages. */
export async function startSite() {
  // Filled below: the handler reads it at request time.
  const origins = {};
  const { port } = await listen(pagesOnly(origins));
  return Object.assign(origins, await startServers(`http://app.hadoken.localhost:${port}`));
}
