import { createRequire } from 'node:module';
import { allowCors } from './http-server.mjs';
import { serveGraphql, serveStomp } from './protocol-servers.mjs';

// The WebSocket server that engine.io brings along; at the top of node_modules there may be another's.
const require = createRequire(createRequire(import.meta.url).resolve('engine.io'));
const { WebSocketServer } = require('ws');

/**
 * `/streams/sse` and `/streams/ws/*`: event streams and WebSockets that behave as their query says. Any page may
 * read the streams, so that the platform's own EventSource can be compared with ours.
 */
export class StreamServer {
  /** Connections so far, by `?id=`. */
  #connections = new Map();
  /** By engine: what `never` keeps waiting. */
  #waiting = new Map();
  #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0 },
    maxPayload: 1e8,
    handleProtocols: (offered, { url }) => {
      const chosen = new URL(url, 'http://server').searchParams.get('protocol');
      if (chosen === null) return [...offered][0];
      return chosen || false;
    },
  });

  /**
   * - `body`, once or more: what the first, second, … connection under `id` gets; the last goes for those after it
   * - `status`, `type`: of the answer, for the connections that get the last body
   * - `end`: ends the answer after its body, `drop`: hangs up; else it stays open
   * - `split`: writes byte by byte
   * - `to`: redirects there, by the status `by`
   * - `as`: the encoding of `body`, if not UTF-8
   */
  async serveEvents(request, response, url) {
    if (allowCors(request, response)) return;
    const { searchParams: query } = url;
    if (query.has('to'))
      return response
        .writeHead(Number(query.get('by') ?? 302), { location: query.get('to') })
        .end();
    const id = query.get('id');
    const bodies = query.getAll('body');
    const number = this.#connections.get(id) ?? 0;
    this.#connections.set(id, number + 1);
    const isLast = number >= bodies.length - 1;
    response.statusCode = isLast ? Number(query.get('status') ?? 200) : 200;
    const type = (isLast && query.get('type')) || 'text/event-stream';
    response.setHeader('content-type', type);
    // Chromium reads no body here, and would take one for the head of the connection's next answer.
    if (response.statusCode === 205) return response.setHeader('content-length', 0).end();
    response.flushHeaders();
    // Firefox opens nothing before the first byte of the body: none at all would not be a test of anything else.
    const text = bodies[number] || bodies.at(-1) || ':\n';
    const bytes = Buffer.from(text, query.get('as') ?? 'utf8');
    if (query.has('split')) {
      for (const byte of bytes) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } else response.write(bytes);
    if (query.has('drop')) setTimeout(() => response.destroy(), 50);
    else if (query.has('end') || response.statusCode !== 200) response.end();
  }

  /**
   * Answers nothing, to the last one of an engine. Firefox keeps the connection of a WebSocket that was closed before it
   * was open, and after six to one host makes every request to it wait.
   */
  #keepWaiting({ headers }, socket) {
    const engine = headers['user-agent'];
    this.#waiting.get(engine)?.destroy();
    this.#waiting.set(engine, socket);
    socket.on('error', () => {});
  }

  /** `/streams/ws/echo` and the like; `refuse` answers 403, `never` does not answer at all. */
  upgrade(request, socket, head) {
    const url = new URL(request.url, 'http://server');
    const name = url.pathname.split('/')[3];
    if (name === 'never') return this.#keepWaiting(request, socket);
    if (!Object.hasOwn(kinds, name))
      return socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      kinds[name](webSocket, url.searchParams, request),
    );
  }
}

const graphql = new WebSocketServer({ noServer: true });
serveGraphql(graphql);

const kinds = {
  graphql: (socket, _query, request) => graphql.emit('connection', socket, request),

  stomp: serveStomp,

  /** Sends everything back. Text that starts with `close ` or is `drop` is a command. */
  echo(socket) {
    socket.on('message', (data, isBinary) => {
      const [command, code, reason] = isBinary ? [] : String(data).split(' ');
      if (command === 'drop') socket.terminate();
      else if (command === 'close') socket.close(code && Number(code), reason);
      else socket.send(data, { binary: isBinary });
    });
  },

  /** Answers each message with its length in bytes. */
  measure(socket) {
    socket.on('message', (data) => socket.send(String(data.length)));
  },

  /** `count` numbered messages, text and binary by turns, and then closes. */
  burst(socket, query) {
    for (let i = 0; i < Number(query.get('count')); i++)
      socket.send(i % 2 ? Buffer.from(String(i)) : String(i));
    socket.close(1000, 'done');
  },

  /** Reads nothing. */
  deaf(socket) {
    socket.pause();
  },

  /** The headers it was opened with. */
  headers(socket, _query, request) {
    socket.send(JSON.stringify(request.headers));
  },
};
