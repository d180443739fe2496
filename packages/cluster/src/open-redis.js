import { ClusterError } from './cluster-error.js';
import { Connection, isRedisClient, reasonOf } from './connection.js';

/** How long the first connection may take, in ms. */
const CONNECT_TIMEOUT = 5_000;
const PASSWORD = /WRONGPASS|NOAUTH|invalid password|invalid username|AUTH/i;

/**
 * A client for `redis`: one that was given, or one for the URL that was given or is in REDIS_URL. Resolves when Redis answers;
 * else it rejects with where it was looked for, and what to do.
 *
 * @param {object | string | undefined} redis
 * @param {{ connectTimeout?: number }} [options]
 */
export async function openRedis(redis, { connectTimeout = CONNECT_TIMEOUT } = {}) {
  const given = redis ?? process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
  const client = typeof given === 'string' ? await createFor(given) : given;
  if (!isRedisClient(client))
    throw new ClusterError(
      'INVALID_REDIS',
      'redis must be a URL, or a client of "redis" (createClient()) or "ioredis" (new Redis()).',
    );
  const connection = new Connection(client);
  try {
    await answers(connection, connectTimeout);
  } catch (cause) {
    throw explain(cause, whereOf(given));
  } finally {
    connection.close();
  }
  return client;
}

async function answers(connection, timeout) {
  const until = Date.now() + timeout;
  while (true) {
    try {
      await connection.whenUp(100);
      await connection.call(['PING'], { timeout });
      return;
    } catch (error) {
      const cause = connection.lastError ?? error;
      if (Date.now() > until || PASSWORD.test(error.message) || PASSWORD.test(cause.message))
        throw PASSWORD.test(error.message) ? error : cause;
    }
  }
}

async function createFor(url) {
  const load = (name) =>
    import(name).catch((error) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    });
  if (!URL.canParse(url))
    throw new ClusterError(
      'INVALID_REDIS',
      'The URL of Redis is none. An example: redis://127.0.0.1:6379',
    );
  const nodeRedis = await load('redis');
  if (nodeRedis) return nodeRedis.createClient({ url });
  const ioredis = await load('ioredis');
  if (ioredis) return new ioredis.Redis(url, { lazyConnect: true });
  throw new ClusterError('NO_CLIENT', 'Install a client for Redis: npm install redis');
}

/** Without the password. */
function whereOf(given) {
  if (typeof given === 'string') {
    const url = new URL(given);
    return { text: `${url.protocol}//${url.host}`, port: url.port || '6379' };
  }
  const {
    socket,
    host = socket?.host ?? '127.0.0.1',
    port = socket?.port ?? 6379,
  } = given.options ?? {};
  return { text: `${host}:${port}`, port };
}

function explain(cause, { text, port }) {
  if (PASSWORD.test(cause.message))
    return new ClusterError(
      'REDIS_PASSWORD',
      `Redis at ${text} refuses the password: ${reasonOf(cause)}. Give it in the URL, redis://user:password@host:port, ` +
        'by REDIS_URL or the option redis.',
      { cause },
    );
  return new ClusterError(
    'NO_REDIS',
    `There is no Redis at ${text}: ${reasonOf(cause)}. Start one, for example\n` +
      `  redis-server --port ${port} --appendonly yes --maxmemory-policy noeviction\n` +
      'or say where it is by REDIS_URL or the option redis. Debian: apt-get install redis-server; elsewhere: https://redis.io/docs/install',
    { cause },
  );
}
