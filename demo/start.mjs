/**
 * Starts the demo.
 *   npm start         production mode: the app's server, and the push server as a process of its own on another origin
 *   npm run start:dev development mode (`--one-origin`): one server, one origin, same page, same code
 */
import { addresses } from './server/addresses.mjs';
import { createAppServer } from './server/app.mjs';
import { listen } from './server/listen.mjs';
import { createPushProcess } from './server/push-process.mjs';
import { createPushService, isBuilt } from './server/push-service.mjs';

const GRACE = 2_000; // ms for a clean end

try {
  await start(addresses(process.argv.includes('--one-origin')));
} catch (error) {
  console.error(`\n  ${error.message}\n`);
  process.exit(1);
}

async function start(where) {
  if (!isBuilt())
    throw new Error('dist/ is missing or not complete. Build the SDK first: npm run build');
  const close = where.oneOrigin ? await startOne(where) : await startTwo(where);
  const lines = where.oneOrigin
    ? [`Everything on one origin   ${where.app}`]
    : [`App    ${where.app}`, `Push   ${where.push}   (API, Socket.IO, the frame)`];
  console.log(`\n  Hadoken demo, ${where.oneOrigin ? 'development' : 'production'} mode\n`);
  for (const line of lines) console.log(`    ${line}`);
  console.log(`\n  Open   ${where.app}/   in two windows, and let them talk. Ctrl+C ends it.\n`);
  endOnSignal(close);
}

/** Two processes on two origins. */
async function startTwo(where) {
  const push = createPushProcess();
  const server = createAppServer(where, { push });
  await listen(server, { port: where.appPort, host: where.host, variable: 'PORT' });
  await push.start();
  return async () => {
    await push.stop();
    await closeServer(server);
  };
}

/** One server: here only the Socket.IO part can be stopped, the page comes from the same server. */
async function startOne(where) {
  const service = createPushService(where);
  let sockets;
  const push = {
    get running() {
      return sockets.running;
    },
    start: () => sockets.start(),
    stop: () => sockets.stop(),
  };
  const server = createAppServer(where, { push, also: service.handle });
  await listen(server, { port: where.appPort, host: where.host, variable: 'PORT' });
  sockets = service.attachSockets(server);
  return async () => {
    await sockets.close();
    await closeServer(server);
  };
}

function closeServer(server) {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}

function endOnSignal(close) {
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, async () => {
      if (ending) process.exit(1); // asked twice
      ending = true;
      setTimeout(() => process.exit(1), GRACE).unref();
      await close();
      process.exit(0);
    });
  }
}
