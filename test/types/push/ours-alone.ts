/**
 * What must and must not compile of `hadoken.io` and `serve({ io })` alone. What it shares with the
 * original is in cases.ts.
 */
import type * as original from 'socket.io-client';
import { serve } from '../../../src/frame/index.ts';
import type {
  DecorateAcknowledgements,
  DefaultEventsMap,
  DisconnectReason,
  Engine,
  Hadoken,
  Manager,
  ManagerOptions,
  Packet,
  Socket,
  SocketOptions,
} from '../../../src/parent/index.ts';

interface ServerToClient {
  news: (text: string, at: number) => void;
  question: (topic: string, answer: (yes: boolean) => void) => void;
}
interface ClientToServer {
  say: (text: string, done: (id: number) => void) => void;
  typing: () => void;
}
type Chat = Socket<ServerToClient, ClientToServer>;
declare const hadoken: Hadoken;

export async function typedByTheCall(): Promise<void> {
  const chat = hadoken.io<ServerToClient, ClientToServer>('/chat', { auth: { token: 'x' } });
  const same: Chat = chat;
  chat.on('news', (text, at) => void [text.trim(), at.toFixed()]);
  const id: number = await chat.emitWithAck('say', 'hello');
  const oneMap = hadoken.io<ClientToServer>();
  oneMap.on('typing', () => {}).emit('typing');
  const manager = new hadoken.Manager<ServerToClient, ClientToServer>();
  const ofManager: Manager<ServerToClient, ClientToServer> = manager;
  void [same, id, ofManager];

  // @ts-expect-error no such event from the server
  chat.on('gossip', () => {});
  // @ts-expect-error no such event to the server
  chat.emit('shout');
  // @ts-expect-error a map of events is an object
  hadoken.io<string>('/chat');
}

export async function timedAcknowledgements(chat: Chat): Promise<void> {
  const id: number = await chat.timeout(1_000).emitWithAck('say', 'hello');
  const timed: Socket<ServerToClient, DecorateAcknowledgements<ClientToServer>> = chat.timeout(
    1_000,
  );
  const flagged: number = await chat.timeout(1).volatile.compress(true).emitWithAck('say', 'hello');
  void [id, timed, flagged];

  // @ts-expect-error the answer is a number, which the original does not know with a timeout
  const text: string = await chat.timeout(1_000).emitWithAck('say', 'hello');
  void text;

  interface WithErrors {
    late: (done: (error: Error, id: number) => void) => void;
    own: (done: (error: Error | null, id: number) => void) => void;
    // biome-ignore lint/suspicious/noExplicitAny: as people write it
    sloppy: (done: (error: any, id: number) => void) => void;
  }
  const socket = hadoken.io<ServerToClient, WithErrors>();
  // @ts-expect-error with ackTimeout an Error comes first, and the promise is given what is after it
  const late: string = await socket.emitWithAck('late');
  // The promise is given what the server gives first. Its type is not told, as in the original.
  const own: null = await socket.emitWithAck('own');
  const sloppy: null = await socket.emitWithAck('sloppy');
  void [late, own, sloppy];
}

export function reasons(chat: Chat): void {
  chat.on('disconnect', (reason) => {
    const known: DisconnectReason = reason;
    const alias: Socket.DisconnectReason = known;
    return alias === 'frame lost';
  });
  const theirs: original.Socket.DisconnectReason = 'ping timeout';
  const ours: DisconnectReason = theirs;
  void ours;

  // @ts-expect-error a frame can be lost as well
  chat.on('disconnect', (reason: original.Socket.DisconnectReason) => void reason);
}

/** A socket of socket.io-client goes wherever one of ours may, so that a module can take either. */
export function theirsIsOneOfOurs(
  typed: original.Socket<ServerToClient, ClientToServer>,
  untyped: original.Socket,
  options: Partial<original.ManagerOptions & original.SocketOptions>,
): void {
  const sockets: [Chat, Socket] = [typed, untyped];
  const managers: [Manager<ServerToClient, ClientToServer>, Manager] = [typed.io, untyped.io];
  const engine: Engine = untyped.io.engine;
  const Manager: Hadoken['Manager'] = null as unknown as typeof original.Manager;
  const ours: Partial<ManagerOptions & SocketOptions> = options;
  void [sockets, managers, engine, Manager, ours];

  // @ts-expect-error another event's map
  const wrong: Chat = typed as unknown as original.Socket<ClientToServer, ServerToClient>;
  void wrong;
}

export function whatIsNotThere(chat: Chat, { io: manager }: Socket): void {
  const packets: Packet[] = chat.sendBuffer;
  const known: Socket<DefaultEventsMap> = hadoken.io();
  void [packets, known];

  // @ts-expect-error the engine is the frame's
  manager.engine.write('raw');
  // @ts-expect-error the engine is the frame's
  manager.engine.send('raw');
  // @ts-expect-error the engine's packets are the frame's
  manager.engine.on('packet', () => {});
  // @ts-expect-error the engine's packets are the frame's
  manager.engine.on('packetCreate', () => {});
  // @ts-expect-error the engine's packets are the frame's
  manager.engine.once('data', () => {});
  // @ts-expect-error the engine's buffer is the frame's
  manager.engine.writeBuffer;
  // @ts-expect-error how the transport works is the frame's
  manager.engine.transport.pause(() => {});
  // @ts-expect-error private to socket.io-client, and ours
  manager._readyState;
  // @ts-expect-error private to socket.io-client, and ours
  manager._close();
  // @ts-expect-error where and how to connect is said by host.js
  hadoken.io('/chat', { transports: ['websocket'] });
  // @ts-expect-error where and how to connect is said by host.js
  hadoken.io('/chat', { path: '/other.io/' });
  // @ts-expect-error headers are host.js's to add
  hadoken.io('/chat', { extraHeaders: { authorization: 'x' } });
  // @ts-expect-error functions don't cross
  hadoken.io('/chat', { parser: {} });
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
