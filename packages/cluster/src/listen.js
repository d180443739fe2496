import { Server } from 'socket.io';
import { closeOnce } from './close-once.js';
import { ClusterError } from './cluster-error.js';
import { fromText } from './codec.js';
import { DurableAdapter, maxAgeFor } from './durable-adapter.js';
import { agreeOnStreams, keysOf, STREAMS, streamOf } from './inbound.js';
import { Link, linkOptions } from './link.js';
import { openRedis } from './open-redis.js';
import { Relay } from './relay.js';

/** So many messages of clients wait in one stream at most. */
const BACKLOG = 100_000;
/** And so many bytes of Redis. */
const BACKLOG_BYTES = 64 * 1024 * 1024;

/**
 * Makes an io node: a Socket.IO server on `httpServer` that holds connections and has no logic. What clients send goes to the
 * app nodes. Resolves when Redis answers; the HTTP server is not made to listen.
 *
 * @param {import('node:http').Server} httpServer
 * @param {object} [options] see index.d.ts
 */
export async function listen(httpServer, options = {}) {
  const {
    redis,
    streams = STREAMS,
    maxBacklog = BACKLOG,
    maxBacklogBytes = BACKLOG_BYTES,
    connectTimeout,
    ...rest
  } = options;
  const { link: forLink, adapter: forAdapter, rest: forServer } = linkOptions(rest);
  const client = await openRedis(redis, { connectTimeout });
  const link = new Link(client, forLink);
  link.use();
  try {
    await link.writing.whenUp(connectTimeout ?? 5_000);
    await agreeOnStreams(link, streams);
  } catch (error) {
    link.close();
    throw error;
  }
  const keys = keysOf(link);
  const server = new Server(httpServer, {
    ...forServer,
    connectionStateRecovery: forServer.connectionStateRecovery ?? {},
    adapter: adapterFor(link, {
      ...forAdapter,
      keepsData: false,
      keepsHandshake: true,
      expiryKey: (sid) => keys.expiry(streamOf(sid, streams)),
    }),
  });
  // App nodes trim the streams too, and must not trim more.
  const returns = server.opts.connectionStateRecovery.maxDisconnectionDuration;
  const say = () =>
    link.writing
      .call(['SET', keys.maxAge, forAdapter.maxAge ?? maxAgeFor(returns)])
      .catch(() => {});
  link.writing.on('up', say);
  say();
  const relay = new Relay(link, { keys, streams, maxBacklog, maxBacklogBytes });
  link.onOwn('ack', ({ data }) => relay.acknowledge(fromText(data)));
  link.onOwn('data', ({ data }) => {
    const { nsp, sid, data: text } = JSON.parse(data);
    const socket = server._nsps.get(nsp)?.sockets.get(sid);
    if (socket) socket.data = fromText(text);
  });
  const take = (nsp) => nsp.on('connection', (socket) => relay.take(socket));
  take(server.of('/'));
  server.on('new_namespace', take);
  // An app node makes a namespace by asking for it.
  server.of((name, _auth, next) => {
    link.writing.call(['SISMEMBER', keys.namespaces, name]).then(
      (known) => next(null, known === 1),
      () => next(null, false),
    );
  });
  closeOnce(server, async (close) => {
    let problem;
    await close((error) => (problem = error));
    await link.release();
    return problem;
  });
  return server;
}

function adapterFor(link, options) {
  return function createAdapterOf(nsp) {
    if (!nsp.server.opts.connectionStateRecovery)
      throw new ClusterError('NO_RECOVERY', 'listen() needs connectionStateRecovery.');
    return new DurableAdapter(nsp, link, options);
  };
}
