import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A TCP proxy before `target`, on a free port, whose faults hit every connection at the same time: what is compared
 * meets the same weather.
 */
export async function startFaultyProxy(target) {
  const pairs = new Set();
  /** Bytes wait for this; a half-open connection waits for ever. */
  let open = Promise.resolve();

  const forward = (from, to, pair) => {
    from.on('data', async (bytes) => {
      from.pause();
      await open;
      if (pair.mute) return;
      to.write(bytes);
      from.resume();
    });
    from.on('close', () => {
      if (pair.mute) return;
      to.destroy();
      pairs.delete(pair);
    });
    from.on('error', () => {});
  };
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const pair = { client, upstream, mute: false };
    pairs.add(pair);
    forward(client, upstream, pair);
    forward(upstream, client, pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const destroy = (pair) => {
    pair.client.destroy();
    pair.upstream.destroy();
    pairs.delete(pair);
  };
  return {
    port: server.address().port,
    /** Cuts every connection. */
    drop: () => [...pairs].forEach(destroy),
    /** Lets nothing through for `ms`, and then all of it. */
    delay: (ms) => {
      open = new Promise((resolve) => setTimeout(resolve, ms));
    },
    /** Stops forwarding without a word to either side: they have to find out by themselves. */
    halfOpen: () => {
      for (const pair of pairs) pair.mute = true;
    },
    close: () => {
      [...pairs].forEach(destroy);
      server.close();
    },
  };
}
