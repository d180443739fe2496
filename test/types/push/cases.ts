/**
 * What must and must not compile for those who use Socket.IO's types. Compiled twice: against ours
 * (`tsc -p test`) and against socket.io-client's (`tsc -p test/types/push`). What one takes the
 * other takes, what one refuses the other refuses: an expected error that does not come is an error
 * itself.
 */
import {
  type DisconnectDescription,
  type ExtendedError,
  io,
  type Manager,
  type ManagerOptions,
  type ManagerReservedEvents,
  NewManager,
  type Socket,
  type SocketOptions,
  type SocketReservedEvents,
} from 'client-under-test';

interface ServerToClient {
  news: (text: string, at: number) => void;
  question: (topic: string, answer: (yes: boolean) => void) => void;
  bytes: (data: ArrayBuffer) => void;
  bare: () => void;
}
interface ClientToServer {
  say: (text: string, done: (id: number) => void) => void;
  ask: (done: (answer: { text: string }) => void) => void;
  typing: () => void;
  move: (x: number, y?: number) => void;
}
/** Types and interfaces are both in use. */
type Both = { message: (text: string) => void; news: (at: Date) => void };

type Chat = Socket<ServerToClient, ClientToServer>;
declare const chat: Chat;
declare const untyped: Socket;
declare const manager: Manager;

export function listening(): void {
  chat
    .on('news', (text, at) => void [text.trim(), at.toFixed()])
    .once('question', (topic, answer) => answer(topic === ''))
    .on('bare', () => {});
  chat.on('bytes', (data) => void data.byteLength);
  // Fewer arguments than there are, and a promise, are as good.
  chat.on('news', () => {});
  chat.on('news', async (text) => void text.trim());
  const onNews = (text: string): void => void text;
  chat.off('news', onNews).off('news').off();
  chat.removeListener('news', onNews).removeAllListeners('news').removeAllListeners();
  const listeners: ((text: string, at: number) => void)[] = chat.listeners('news');
  const has: boolean = chat.hasListeners('news');
  void [listeners, has];

  // @ts-expect-error no such event from the server
  chat.on('gossip', () => {});
  // @ts-expect-error an event to the server is none from it
  chat.on('say', () => {});
  // @ts-expect-error the text is a string
  chat.on('news', (text: number) => void text);
  // @ts-expect-error there are two arguments
  chat.on('news', (_text, _at, _more) => {});
  // @ts-expect-error the answer is a boolean
  chat.on('question', (_topic, answer) => answer('yes'));
  // @ts-expect-error the answer has one argument
  chat.on('question', (_topic, answer) => answer(true, 1));
  // @ts-expect-error a listener is a function
  chat.on('news', 'listener');
  // @ts-expect-error a listener is needed
  chat.on('news');
  // @ts-expect-error no such event from the server
  chat.once('gossip', () => {});
  // @ts-expect-error no such event from the server
  chat.off('gossip');
  // @ts-expect-error no such event from the server
  chat.listeners('gossip');
  // @ts-expect-error no such event from the server
  chat.hasListeners('gossip');
}

export function reservedEvents(): void {
  chat.on('connect', () => {});
  chat.on('connect_error', (error) => void [error.message, error.data?.code]);
  chat.on('connect_error', (error: Error) => void error.message);
  chat.on('disconnect', (reason, description) => {
    if (reason === 'io server disconnect') chat.connect();
    if (description instanceof Error) return description.message;
    return description?.description;
  });
  const onDisconnect: SocketReservedEvents['disconnect'] = (reason) => void reason;
  chat.off('disconnect', onDisconnect);
  const reason: Socket.DisconnectReason = 'transport close';
  const description: DisconnectDescription = new Error('x');
  const error: ExtendedError = new Error('x');
  void [reason, description, error];

  // @ts-expect-error no such reason
  chat.on('disconnect', (reason) => reason === 'bored');
  // @ts-expect-error no such reason
  const wrong: Socket.DisconnectReason = 'bored';
  // @ts-expect-error connect tells nothing
  chat.on('connect', (id: string) => void id);
  // @ts-expect-error a reserved event is not the page's to emit
  chat.emit('connect');
  // @ts-expect-error a reserved event is not the page's to emit
  chat.emit('disconnect', 'io client disconnect');
  // @ts-expect-error an event of the Manager
  chat.on('reconnect', () => {});
  void wrong;
}

export async function emitting(): Promise<void> {
  chat.emit('say', 'hello', (id) => void id.toFixed()).emit('typing');
  chat.emit('move', 1);
  chat.emit('move', 1, 2);
  chat.volatile.compress(false).emit('typing');
  chat.send('text', 1);
  const id: number = await chat.emitWithAck('say', 'hello');
  const { text } = await chat.emitWithAck('ask');
  const later: number = await chat.timeout(1_000).emitWithAck('say', 'hello');
  chat.timeout(1_000).emit('say', 'hello', (error, id) => void [error.message, id.toFixed()]);
  chat.timeout(1_000).volatile.emit('ask', (error, { text }) => void [error.message, text.trim()]);
  void [id, text.trim(), later];

  // @ts-expect-error no such event to the server
  chat.emit('shout', 'hello');
  // @ts-expect-error an event from the server is none to it
  chat.emit('news', 'hello', 1);
  // @ts-expect-error the text is a string
  chat.emit('say', 1, () => {});
  // @ts-expect-error an acknowledgement is declared
  chat.emit('say', 'hello');
  // @ts-expect-error the acknowledgement has a number
  chat.emit('say', 'hello', (id: string) => void id);
  // @ts-expect-error typing has no argument
  chat.emit('typing', true);
  // @ts-expect-error without a timeout no error comes first
  chat.emit('say', 'hello', (_error, _id) => {});
  // @ts-expect-error with a timeout an error comes first
  chat.timeout(1_000).emit('say', 'hello', (id: number) => void id);
  // @ts-expect-error milliseconds, as a number
  chat.timeout('1s');
  // @ts-expect-error the acknowledgement is the promise's
  chat.emitWithAck('say', 'hello', () => {});
  // @ts-expect-error the answer is a number
  const wrong: string = await chat.emitWithAck('say', 'hello');
  // @ts-expect-error yes or no
  chat.compress('gzip');
  // @ts-expect-error a member, not a method
  chat.volatile();
  void wrong;
}

export function members(): void {
  const { id, connected, disconnected, recovered, active } = chat;
  const name: string | undefined = id;
  const flags: boolean[] = [connected, disconnected, recovered, active];
  chat.connect().open().disconnect().close();
  chat.auth = { token: 'x' };
  chat.auth = (send) => send({ token: 'x' });
  chat.sendBuffer = [];
  const waiting: number = chat.sendBuffer.length + chat.receiveBuffer.length;
  chat.onAny((event: string, ...args: unknown[]) => void [event, args]).prependAny(() => {});
  chat.onAnyOutgoing((event, first) => void [event, first]).prependAnyOutgoing(() => {});
  chat
    .offAny()
    .offAnyOutgoing()
    .offAny(() => {});
  const all: number = chat.listenersAny().length + chat.listenersAnyOutgoing().length;
  const attempts: number = chat.io.reconnectionAttempts();
  void [name, flags, waiting, all, attempts];

  // @ts-expect-error it may be undefined
  id.length;
  // @ts-expect-error disconnected is the socket's to say
  chat.disconnected = true;
  // @ts-expect-error active is the socket's to say
  chat.active = true;
  // @ts-expect-error the Manager stays the same
  chat.io = manager;
  // @ts-expect-error credentials are an object
  chat.auth = 'token';
  // @ts-expect-error a private member
  chat.nsp;
  // @ts-expect-error a private member
  chat.acks;
  // @ts-expect-error a private member
  chat.flags;
  // @ts-expect-error no such member
  chat.subscribe('news');
  // @ts-expect-error a catch-all listener is a function
  chat.onAny('news');
}

export function untypedEvents(): void {
  untyped.on('anything', (a, b) => void [a.b.c, b()]);
  untyped.emit('anything', 1, 'two', { three: 3 }, () => {});
  untyped.on('disconnect', (reason) => void (reason === 'ping timeout'));
  const answer: Promise<string> = untyped.emitWithAck('anything', 1);
  void answer;

  // @ts-expect-error reserved events have their types
  untyped.on('disconnect', (reason) => reason === 'bored');
  // @ts-expect-error a name is a string
  untyped.on(7, () => {});
}

export function oneMap(): void {
  const socket: Socket<Both> = io('/both');
  socket.on('message', (text) => void text.trim());
  socket.emit('message', 'hello');
  socket.emit('news', new Date());
  // @ts-expect-error one map is for both ways
  socket.emit('question', '');
}

/** A module that knows nothing of the events. */
export function generic<Listen extends ServerToClient, Emit extends ClientToServer>(
  socket: Socket<Listen, Emit>,
): () => void {
  const onConnect = (): void => {};
  socket.on('connect', onConnect);
  socket.on('disconnect', (reason) => void reason.length);
  const { reconnectionDelay } = socket.io.opts;
  void reconnectionDelay?.toFixed();
  return () => void socket.off('connect', onConnect).disconnect();
}

export class Room {
  readonly socket: Chat;
  readonly any: Socket;

  constructor(socket: Chat = io('/chat')) {
    this.socket = socket;
    // A socket of known events goes where any may come, and the other way round.
    this.any = socket as Socket;
    const known: Chat = untyped;
    void known;
    generic(this.socket);
    generic(untyped);
  }
}

export function options(): void {
  const socket: Chat = io();
  io('/chat').emit('say', 'hello');
  io({ reconnectionAttempts: 3, query: { a: 'b' } });
  io('/chat', { auth: (send) => send({ token: 'x' }), retries: 3, ackTimeout: 1_000 });
  io('/chat', { auth: { token: 'x' }, forceNew: true, multiplex: false, autoConnect: false });
  io('/chat', {
    reconnection: true,
    reconnectionDelay: 1,
    reconnectionDelayMax: 2,
    randomizationFactor: 0,
  });
  io('/chat', {
    timeout: 1,
    upgrade: false,
    rememberUpgrade: true,
    withCredentials: true,
    protocols: ['a'],
  });
  io('/chat', { timestampRequests: true, timestampParam: 't', requestTimeout: 1 });
  const some: Partial<ManagerOptions & SocketOptions> = { reconnectionDelay: 100, retries: 1 };
  io(some);
  io(undefined, some);
  void socket;

  // @ts-expect-error the number of attempts is a number
  io({ reconnectionAttempts: 'many' });
  // @ts-expect-error no such option
  io('/chat', { reconectionDelay: 1 });
  // @ts-expect-error credentials are an object
  io('/chat', { auth: 'token' });
  // @ts-expect-error a namespace is text
  io(7);
  // @ts-expect-error options come second
  io({ retries: 1 }, '/chat');
  // @ts-expect-error it makes sockets without new
  new io('/chat');
}

export function managers(): void {
  const { socket } = new NewManager('/', { reconnectionDelay: 100 });
  const another: Manager = new NewManager({ autoConnect: false, query: { a: 'b' } });
  const ofChat: Chat = another.socket('/chat', { auth: { token: 'x' } });
  manager.open((error) => void error?.message).connect();
  manager
    .open()
    .socket('/')
    .on('anything', () => {});
  manager.reconnection(true).reconnectionAttempts(3).reconnectionDelay(1).reconnectionDelayMax(2);
  manager.randomizationFactor(0.5).timeout(1).timeout(false);
  const settings: [boolean, number, number, number, number, number | boolean] = [
    manager.reconnection(),
    manager.reconnectionAttempts(),
    manager.reconnectionDelay(),
    manager.reconnectionDelayMax(),
    manager.randomizationFactor(),
    manager.timeout(),
  ];
  manager.opts.query = { token: 'x' };
  manager.opts.reconnectionDelay = 100;
  const onAttempt: ManagerReservedEvents['reconnect_attempt'] = (attempt) => void attempt.toFixed();
  manager.on('reconnect_attempt', onAttempt).off('reconnect_attempt', onAttempt);
  manager.on('reconnect', (attempt) => void attempt.toFixed());
  manager.on('reconnect_error', (error) => void error.message);
  manager.on('reconnect_failed', () => {}).on('open', () => {});
  manager.on('ping', () => {}).on('error', (error) => void error.message);
  manager.on('close', (reason, description) => void [reason.trim(), description]);
  manager.on(
    'packet',
    ({ type, nsp, data, id }) => void [type.toFixed(), nsp.trim(), data.a, id?.toFixed()],
  );
  void [socket, ofChat, settings];

  // @ts-expect-error it is a constructor
  NewManager('/');
  // @ts-expect-error no such event of a Manager
  manager.on('reconnecting', () => {});
  // @ts-expect-error a namespace's event
  manager.on('connect', () => {});
  // @ts-expect-error the attempt is a number
  manager.on('reconnect', (attempt: string) => void attempt);
  // @ts-expect-error events are the Manager's to emit
  manager.emit('open');
  // @ts-expect-error ms, as a number
  manager.reconnectionDelay('1s');
  // @ts-expect-error true or false
  manager.reconnection(1);
  // @ts-expect-error a namespace is text
  manager.socket();
  // @ts-expect-error no such option of a Socket
  manager.socket('/chat', { retry: 1 });
  // @ts-expect-error a private member
  manager.nsps;
  // @ts-expect-error a private member
  manager.uri;
  // @ts-expect-error a private member
  manager.disconnect();
}

export function engine(): void {
  const { engine } = untyped.io;
  const known: [id: string, transport: string] = [engine.id, engine.transport.name];
  const state: 'opening' | 'open' | 'closing' | 'closed' = engine.readyState;
  engine
    .on('upgrade', (transport) => void transport.name)
    .once('close', (reason) => void reason.trim());
  engine
    .on('open', () => {})
    .off('open')
    .hasListeners('drain');
  engine.close();
  void [known, state];

  // @ts-expect-error no such event of an engine
  engine.on('reconnect', () => {});
  // @ts-expect-error a private member
  engine.hostname;
}
