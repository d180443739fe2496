/** What people type, checked by `tsc -p packages/cluster`. */
import { createServer } from 'node:http';
import {
  type ClusterError,
  createDurableAdapter,
  getClient,
  listen,
  saveSession,
} from 'hadoken-cluster';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { Server } from 'socket.io';

export async function use() {
  const redis = createClient();
  const io = new Server(createServer(), {
    adapter: createDurableAdapter(redis, {
      prefix: 'shop',
      identify: async (handshake, auth) => `${String(auth.token)}@${handshake.address}`,
    }),
    connectionStateRecovery: {},
  });
  createDurableAdapter(new Redis());
  io.on('connection', (socket) => saveSession(socket));
  // @ts-expect-error a number is no client
  createDurableAdapter(5);

  const server = await listen(createServer(), { redis, streams: 8, maxHttpBufferSize: 1e6 });
  server.use((_socket, next) => next());
  // @ts-expect-error the adapter is not yours to choose
  await listen(createServer(), { adapter: undefined });

  const app = await getClient({ redis: 'redis://127.0.0.1', leaseTime: 2_000, expireEvery: 500 });
  app.of('/chat').on('connection', (socket, { isReconnect }) => {
    const again: boolean = isReconnect;
    socket.on('say', async (text: string, done: (again: boolean) => void) => {
      await socket.join('room');
      socket.to('room').except('other').emit('said', text);
      socket.broadcast.emit('said', text);
      const answer = await socket.timeout(1_000).emitWithAck('ask');
      socket.data.answer = answer;
      done(again);
    });
    socket.on('disconnect', (reason) => reason.length);
  });
  const [first] = await app.in('room').fetchSockets();
  first?.emit('hello');
  app.on('reload', (what: string, done: (answer: number) => void) => done(what.length));
  app.of('/').adapter.on('problem', (error: ClusterError) => error.code.length);
  app.of('/chat').serverSideEmit('reload', 'words');
  const answers: unknown[] = await app.serverSideEmitWithAck('reload', 'words');
  // @ts-expect-error middlewares belong to the io nodes
  app.use(() => answers);
  await app.close();
}
