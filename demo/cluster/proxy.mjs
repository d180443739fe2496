import { request as askNode } from 'node:http';
import { connect } from 'node:net';

/**
 * Gives Socket.IO's connections to the io nodes in turn, without sticky sessions.
 *
 * @param {() => number[]} ports of the io nodes that run
 */
export function createProxy(ports) {
  let turn = 0;
  const next = () => {
    const all = ports();
    turn += 1;
    return all[turn % all.length];
  };

  return {
    /** @returns {boolean} false when the request is not Socket.IO's */
    handle(request, response, url) {
      if (!url.pathname.startsWith('/socket.io/')) return false;
      const port = next();
      if (!port) {
        response.writeHead(503).end();
        return true;
      }
      const { method, headers } = request;
      const asked = askNode({ port, host: '127.0.0.1', path: request.url, method, headers });
      asked.on('response', (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      asked.on('error', () => response.destroy());
      request.pipe(asked);
      return true;
    },

    /** A WebSocket: the request as it came, then bytes both ways. */
    upgrade(request, client, head) {
      const port = request.url.startsWith('/socket.io/') && next();
      if (!port) return client.destroy();
      const node = connect(port, '127.0.0.1');
      const end = () => {
        client.destroy();
        node.destroy();
      };
      for (const socket of [client, node]) socket.on('error', end).on('close', end);
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      node.write(`${lines.join('\r\n')}\r\n\r\n`);
      node.write(head);
      client.pipe(node).pipe(client);
    },
  };
}
