/** Servers of the protocols that libraries speak over a WebSocket: GraphQL subscriptions, STOMP, SockJS. */
import { FrameImpl, Parser } from '@stomp/stompjs';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import sockjs from 'sockjs';

/** `/streams/ws/graphql`. Takes the WebSockets that `connections` emits as its 'connection'. */
export function serveGraphql(connections) {
  const schema = buildSchema(
    'type Query { hello(name: String): String } type Subscription { count(to: Int): Int }',
  );
  const query = { hello: ({ name }) => `Hello, ${name}` };
  const subscription = {
    async *count({ to }) {
      for (let count = 1; count <= to; count++) yield { count };
    },
  };
  useServer({ schema, roots: { query, subscription } }, connections);
}

/** `/streams/ws/stomp`: a broker of one client, which gets back what it sends to where it has subscribed. */
export function serveStomp(socket) {
  const subscriptions = new Map();
  const say = (command, headers = {}, body = '') =>
    socket.send(FrameImpl.marshall({ command, headers, body }));
  const handlers = {
    CONNECT: () => say('CONNECTED', { version: '1.2', 'heart-beat': '0,0' }),
    SUBSCRIBE: ({ headers }) => subscriptions.set(headers.destination, headers.id),
    SEND: ({ headers: { destination }, body }) => {
      const headers = {
        destination,
        subscription: subscriptions.get(destination),
        'message-id': '1',
      };
      if (subscriptions.has(destination)) say('MESSAGE', headers, body);
    },
    DISCONNECT: ({ headers }) => say('RECEIPT', { 'receipt-id': headers.receipt }),
  };
  const onFrame = (raw) => {
    const frame = FrameImpl.fromRawFrame(raw, true);
    handlers[frame.command]?.(frame);
  };
  const parser = new Parser(onFrame, () => {});
  socket.on('message', (data) => parser.parseChunk(String(data)));
}

/** `/sockjs`: sends everything back. Answers on `server` before whatever listens there. */
export function serveSockjs(server) {
  const echo = sockjs.createServer({ prefix: '/sockjs', log: () => {} });
  echo.on('connection', (connection) => connection.on('data', (text) => connection.write(text)));
  echo.installHandlers(server);
}
