/** What must and must not compile for those who use `hadoken.io` with typed events, as socket.io-client's docs show. */
import type { Manager, Socket } from 'socket.io-client';
import { serve } from '../../src/frame/index.ts';
import type { Hadoken } from '../../src/parent/index.ts';

interface ServerToClient {
  news: (text: string, at: number) => void;
  question: (topic: string, answer: (yes: boolean) => void) => void;
}
interface ClientToServer {
  say: (text: string, done: (id: number) => void) => void;
  typing: () => void;
}
declare const hadoken: Hadoken;

export async function typedEvents(): Promise<void> {
  const socket: Socket<ServerToClient, ClientToServer> = hadoken.io('/chat', { auth: { token: 'x' } });
  socket.on('news', (text, at) => void [text.trim(), at.toFixed()]);
  socket.on('question', (_topic, answer) => answer(true));
  socket.on('connect_error', (error) => void error.message);
  socket.on('disconnect', (reason) => void (reason === 'io server disconnect'));
  socket.emit('say', 'hello', (id) => void id.toFixed());
  socket.timeout(1_000).emit('say', 'hello', (error, id) => void [error.message, id.toFixed()]);
  const id: number = await socket.emitWithAck('say', 'hello');
  socket.volatile.compress(false).emit('typing');
  const connected: boolean = socket.connected;
  const name: string | undefined = socket.id;
  void [id, connected, name];

  // @ts-expect-error no such event from the server
  socket.on('gossip', () => {});
  // @ts-expect-error no such event to the server
  socket.emit('shout', 'hello');
  // @ts-expect-error the text is a string
  socket.emit('say', 1, () => {});
  // @ts-expect-error typing has no argument
  socket.emit('typing', true);
  // @ts-expect-error the answer is a boolean
  socket.on('question', (_topic, answer) => answer('yes'));
  // @ts-expect-error milliseconds, as a number
  socket.timeout('1s');
  // @ts-expect-error the answer is a number
  const text: string = await socket.emitWithAck('say', 'hello');
  void text;
}

export function options(): void {
  hadoken.io();
  hadoken.io({ reconnectionAttempts: 3, query: { a: 'b' } });
  hadoken.io('/chat', { auth: (send) => send({ token: 'x' }), retries: 3, ackTimeout: 1_000 });
  const manager: Manager = new hadoken.Manager('/', { reconnectionDelay: 100 });
  manager.socket('/chat').io.reconnectionDelay(200).timeout(false);
  manager.on('reconnect_attempt', (attempt) => void attempt.toFixed());

  // @ts-expect-error the number of attempts is a number
  hadoken.io({ reconnectionAttempts: 'many' });
  // @ts-expect-error no such option
  hadoken.io('/chat', { reconectionDelay: 1 });
  // @ts-expect-error a namespace is text
  hadoken.io(7);
  // @ts-expect-error it is a constructor
  hadoken.Manager('/');
  // @ts-expect-error no such event of a Manager
  manager.on('reconnecting', () => {});
}

export function rules(): void {
  serve({
    origins: ['https://app.example.com'],
    io: {
      url: 'https://push.example.com',
      path: '/socket.io/',
      transports: ['websocket'],
      namespaces: { '/': true, '/chat': { emit: ['say'], on: ['news'] } },
    },
    auth: ({ origin }) => ({ origin }),
    limits: { sockets: 10 },
  });
  // @ts-expect-error no such transport
  serve({ origins: [], io: { transports: ['carrier pigeon'] } });
  // @ts-expect-error the events are named in a list
  serve({ origins: [], io: { namespaces: { '/': { emit: 'say' } } } });
}
