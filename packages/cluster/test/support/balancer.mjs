import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A TCP proxy that gives connections to nodes in turn, without sticky sessions, and can be cut.
 *
 * @param {() => number[]} ports of the nodes that may be asked
 */
export async function startBalancer(ports) {
  let turn = 0;
  const pairs = new Set();
  const server = createServer((client) => {
    const all = ports();
    if (!all.length) return client.destroy();
    turn += 1;
    const node = connect(all[turn % all.length], '127.0.0.1');
    const pair = { client, node };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      node.destroy();
    };
    for (const socket of [client, node]) {
      socket.setNoDelay(true);
      socket.on('error', end).on('close', end);
    }
    client.pipe(node).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    /** Cuts the connections that `choose` says yes to. */
    cut(choose) {
      for (const pair of [...pairs])
        if (choose()) {
          pair.client.destroy();
          pair.node.destroy();
        }
    },
    /** Nothing goes through these connections any more, and nobody is told. */
    halfOpen(choose) {
      for (const { client, node } of [...pairs])
        if (choose()) {
          client.unpipe(node).resume();
          node.unpipe(client).resume();
        }
    },
    stop() {
      for (const { client } of pairs) client.destroy();
      server.close();
    },
  };
}
