import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { createApi } from './api.mjs';
import { startChat } from './chat.mjs';
import { sendProblem } from './reply.mjs';
import { frameHeaders } from './security-headers.mjs';
import { createSeen } from './seen.mjs';
import { sendFile } from './static-files.mjs';
import { startTabs } from './tabs.mjs';
import { startTicker } from './ticker.mjs';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const OWN = fileURLToPath(new URL('../push', import.meta.url));

/** True when the SDK has been built. */
export const isBuilt = () => existsSync(`${DIST}/hadoken.js`) && existsSync(`${DIST}/frame.html`);

/**
 * The frame's files, the API and Socket.IO, to be mounted on whichever server is theirs: a process of its own in
 * production mode, the app's own server in one-origin mode.
 *
 * @param {import('./addresses.mjs').Addresses} addresses
 */
export function createPushService(addresses) {
  const handleApi = createApi(createSeen());

  return {
    /** @returns {Promise<boolean>} false when the path is not this service's */
    async handle(request, response, url) {
      if (await handleApi(request, response, url)) return true;
      if (!url.pathname.startsWith('/hadoken/')) return false;
      const path = url.pathname.slice('/hadoken'.length);
      const headers = frameHeaders(addresses, path.slice(1));
      // The site's own file; its one line of origins gets the app's real origin.
      const found =
        path === '/host.js'
          ? await sendFile(response, { root: OWN, path, headers, fill: addresses.fill })
          : await sendFile(response, { root: DIST, path, headers });
      if (!found) sendProblem(response, 404, `There is no ${url.pathname} here.`);
      return true;
    },
    attachSockets: (server) => attachSockets(server, addresses),
  };
}

/** Socket.IO on `server`. WebSockets know no CORS, so who may open one is checked here. */
function attachSockets(server, { push }) {
  let running = true;
  const io = new Server(server, {
    serveClient: false,
    allowRequest: (request, decide) => {
      const { origin } = request.headers;
      decide(null, running && (origin === undefined || origin === push));
    },
  });
  const stopTicker = startTicker(io);
  startChat(io);
  startTabs(io);
  return {
    get running() {
      return running;
    },
    /** Drops everybody as a dying server would, and refuses newcomers. */
    stop() {
      running = false;
      for (const client of Object.values(io.engine.clients)) client.close(true);
    },
    start() {
      running = true;
    },
    close() {
      stopTicker();
      return io.close();
    },
  };
}
