/** An app node of the demo: `node app-node.mjs <name>`, started by start.mjs. The logic, without connections. */
import { getClient } from 'hadoken-cluster';
import { createClient } from 'redis';
import { KEPT, startChat } from '../server/chat.mjs';
import { startTabs } from '../server/tabs.mjs';

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

startTabs(io);
startChat(io, {
  list: async (room) =>
    (await redis.lRange(`demo:chat:${room}`, 0, -1)).map((line) => JSON.parse(line)),
  async add(room, message) {
    await redis.rPush(`demo:chat:${room}`, JSON.stringify(message));
    await redis.lTrim(`demo:chat:${room}`, -KEPT, -1);
  },
});

/**
 * A number that was sent again, since its acknowledgement was lost, is one that is in the clock's `data`. That, the tick and the
 * acknowledgement are written in one step, so a killed app node has done all of it or nothing, and pages get each number once.
 */
io.of('/clock').on('connection', (clock) => {
  clock.on('tick', async (count, done) => {
    const clients = await countClients();
    if (!(count <= clock.data.count)) {
      clock.data.count = count;
      io.emit('tick', { now: Date.now(), count, clients });
    }
    done();
  });
});

let lastClients = 0;
async function countClients() {
  try {
    lastClients = (await io.fetchSockets()).length;
  } catch {
    // An io node was killed while it was asked.
  }
  return lastClients;
}

/** Without the random part and the kind. */
function nameOf(uid = '') {
  return uid.replace(/^app-/, '').replace(/-[0-9a-f]{18}$/, '');
}

process.send({ started: true });
process.on('disconnect', () => process.exit());
