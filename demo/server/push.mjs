/**
 * The push server: a process of its own, started (and stopped, and started again) by the app's server.
 * It shares nothing with the app's but the ports in its environment. Alone: `node demo/server/push.mjs`.
 */
import { createServer } from 'node:http';
import { addresses } from './addresses.mjs';
import { listen } from './listen.mjs';
import { createPushService } from './push-service.mjs';
import { sendProblem } from './reply.mjs';

const where = addresses();
const service = createPushService(where);
const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    if (request.destroyed || response.headersSent) return response.destroy(); // cancelled by the sender
    sendProblem(response, error instanceof RangeError ? 413 : 500, error.message);
  });
});

async function answer(request, response) {
  const url = new URL(request.url, where.push);
  if (await service.handle(request, response, url)) return;
  sendProblem(
    response,
    404,
    `There is no ${url.pathname} here: this is the push server, the page is at ${where.app}/`,
  );
}

try {
  await listen(server, { port: where.pushPort, host: where.host, variable: 'PUSH_PORT' });
} catch (error) {
  if (process.send) process.send({ failed: error.message });
  else console.error(error.message);
  process.exit(1);
}
service.attachSockets(server);
if (process.send) process.send({ listening: true });
else console.log(`Push server on ${where.push}`);

const quit = () => process.exit(0);
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(signal, quit);
