/** An app node of the demo: `node app-node.mjs <name>`, started by start.mjs. The logic, without connections. */
import { getClient } from 'hadoken-cluster';
import { createClient } from 'redis';
import { KEPT, startChat } from '../server/chat.mjs';

const PERIOD = 1_000; // ms
const { REDIS_URL } = process.env;
const redis = createClient({ url: REDIS_URL });
redis.on('error', () => {});
await redis.connect();
const io = await getClient({ name: process.argv[2], redis: REDIS_URL });

io.on('connection', (socket) => {
  socket.on('ping:now', (reply) => typeof reply === 'function' && reply(Date.now()));
  socket.on('where', (reply) => {
    if (typeof reply === 'function')
      reply({ ioNode: nameOf(socket.ioNode), appNode: nameOf(io.appNode) });
  });
});

startChat(io, {
  list: async (room) =>
    (await redis.lRange(`demo:chat:${room}`, 0, -1)).map((line) => JSON.parse(line)),
  async add(room, message) {
    await redis.rPush(`demo:chat:${room}`, JSON.stringify(message));
    await redis.lTrim(`demo:chat:${room}`, -KEPT, -1);
  },
});

/** Which app node ticks is decided anew each second, so the ticker survives all but the last of them. */
setInterval(async () => {
  try {
    const second = `demo:tick:${Math.floor(Date.now() / PERIOD)}`;
    if (!(await redis.set(second, io.appNode, { NX: true, EX: 10 }))) return;
    const clients = (await io.fetchSockets()).length;
    const count = await redis.incr('demo:ticks');
    io.emit('tick', { now: Date.now(), count, clients });
  } catch {
    // Redis is away, or an io node was killed while it was asked: the next second comes.
  }
}, PERIOD / 2);

/** Without the random part and the kind. */
function nameOf(uid = '') {
  return uid.replace(/^app-/, '').replace(/-[0-9a-f]{18}$/, '');
}

process.send({ started: true });
process.on('disconnect', () => process.exit());
