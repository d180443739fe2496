/** An io node of the demo: `node io-node.mjs <name>`, started by start.mjs. It holds connections, and has no logic. */
import { createServer } from 'node:http';
import { listen } from 'hadoken-cluster';

const { REDIS_URL, PUSH_ORIGIN, CLOCK_KEY } = process.env;
// Without a key everybody who sends none would be the clock.
if (!CLOCK_KEY)
  throw new Error('CLOCK_KEY is missing: start.mjs makes one and starts the io nodes with it.');
const http = createServer();
const io = await listen(http, {
  name: process.argv[2],
  redis: REDIS_URL,
  serveClient: false,
  // WebSockets know no CORS, so who may open one is checked here.
  allowRequest: ({ headers }, decide) =>
    decide(null, headers.origin === undefined || headers.origin === PUSH_ORIGIN),
});
io.of('/clock').use(({ handshake }, next) =>
  next(handshake.auth.key === CLOCK_KEY ? undefined : new Error('You are not the clock.')),
);
http.listen(0, '127.0.0.1', () => process.send({ port: http.address().port }));
process.on('disconnect', () => process.exit());
