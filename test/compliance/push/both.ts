/** The same expectations, run against socket.io-client itself and against `hadoken.io` through a frame. */
import * as original from 'socket.io-client';
import { connect, type Manager, type Socket } from '../../../src/parent/index.ts';
import { control, env, frameUrl } from '../../support/env.ts';

type Options = Partial<original.ManagerOptions & original.SocketOptions>;

/** One of the two clients. `io` and `Manager` take a namespace, and hurry more than users want to. */
export type Side = {
  /** By a hub: docs/shared.md says what is different then. */
  isShared?: true;
  io(nsp?: string, options?: Options): original.Socket;
  Manager(options?: Options): original.Manager;
  /** As `Manager`, on a server that never answers. */
  ManagerHanging(options?: Options): original.Manager;
  /** As `io`, on a server that recovers connection state. */
  ioRecovering(nsp?: string, options?: Options): original.Socket;
  /** As `io`, with nothing added: what is shared is shared. */
  ioShared(nsp?: string, options?: Options): original.Socket;
};

const HURRIED: Options = {
  reconnectionDelay: 30,
  reconnectionDelayMax: 60,
  randomizationFactor: 0,
};
const PLAIN = { path: '/plain.io/', transports: ['websocket'] };
const HANGING = { path: '/hang.io/', transports: ['websocket'] };
const RECOVERING = { transports: ['websocket'] };

const opened: original.Manager[] = [];

function keepManager(manager: original.Manager): original.Manager {
  opened.push(manager);
  return manager;
}

function keep(socket: original.Socket): original.Socket {
  keepManager(socket.io);
  return socket;
}

/** Ours by the name of theirs: what is asked of the one is asked of the other, what is private there included. */
const keepOurs = (socket: Socket): original.Socket => keep(socket as unknown as original.Socket);
const keepOurManager = (manager: Manager): original.Manager =>
  keepManager(manager as unknown as original.Manager);

function directly(): Side {
  const uri = (nsp = '/'): string => env.push + nsp;
  return {
    io: (nsp, options) =>
      keep(original.io(uri(nsp), { ...HURRIED, ...PLAIN, forceNew: true, ...options })),
    ioShared: (nsp, options) => keep(original.io(uri(nsp), { ...HURRIED, ...PLAIN, ...options })),
    ioRecovering: (nsp, options) =>
      keep(original.io(uri(nsp), { ...HURRIED, ...RECOVERING, forceNew: true, ...options })),
    Manager: (options) =>
      keepManager(new original.Manager(env.push, { ...HURRIED, ...PLAIN, ...options })),
    ManagerHanging: (options) =>
      keepManager(new original.Manager(env.push, { ...HANGING, ...options })),
  };
}

function throughTheFrame(): Side {
  const plain = connect(frameUrl('push-plain'));
  const recovering = connect(frameUrl('push-recovery'));
  const hanging = connect(frameUrl('push-hanging'));
  return {
    io: (nsp, options) => keepOurs(plain.io(nsp, { ...HURRIED, forceNew: true, ...options })),
    ioShared: (nsp, options) => keepOurs(plain.io(nsp, { ...HURRIED, ...options })),
    ioRecovering: (nsp, options) =>
      keepOurs(recovering.io(nsp, { ...HURRIED, forceNew: true, ...options })),
    Manager: (options) => keepOurManager(new plain.Manager({ ...HURRIED, ...options })),
    ManagerHanging: (options) => keepOurManager(new hanging.Manager(options)),
  };
}

/**
 * One page alone on a connection that is shared. Each client has a query of its own, or it would find the connection of
 * the test before, which lingers.
 */
function throughTheHub(): Side {
  const plain = connect(frameUrl('hub-plain'));
  const recovering = connect(frameUrl('hub-recovery'));
  const hanging = connect(frameUrl('push-hanging'));
  let clients = 0;
  const own = (options: Options = {}): Options => ({
    ...HURRIED,
    ...options,
    query: { client: `${env.seed} ${Date.now()} ${clients++}`, ...Object(options.query) },
  });
  const socketOf = (client: typeof plain, nsp = '/', options: Options = {}): original.Socket => {
    if (nsp.includes('?')) return keepOurs(client.io(`${nsp}&client=${clients++}`, options));
    const given = own(options);
    return keepOurs(new client.Manager(given).socket(nsp, given));
  };
  const cached = own();
  return {
    isShared: true,
    io: (nsp, options) => socketOf(plain, nsp, options),
    ioShared: (nsp, options) => keepOurs(plain.io(nsp, { ...cached, ...options })),
    ioRecovering: (nsp, options) => socketOf(recovering, nsp, options),
    Manager: (options) => keepOurManager(new plain.Manager(own(options))),
    ManagerHanging: (options) => keepOurManager(new hanging.Manager(options)),
  };
}

/** The suites that `npm test` runs over a hub; `npm run test:long` runs all of them. */
const SHORT = ['emitting'];

/** Runs `suite` for both clients; what they opened is closed after each test, and the server runs before it. */
export function both(what: string, suite: (side: Side) => void): void {
  for (const [name, make] of [
    ['socket.io-client itself', directly],
    ['hadoken.io', throughTheFrame],
    ...(env.isLong || SHORT.includes(what)
      ? ([['hadoken.io, shared', throughTheHub]] as const)
      : []),
  ] as const)
    describe(`${what}: ${name}`, () => {
      const side = make();
      beforeEach(async () => void (await control('io/start')));
      afterEach(() => {
        for (const manager of opened.splice(0)) manager._close();
      });
      suite(side);
    });
}

/** The arguments of the next `event`. */
export function next(
  // biome-ignore lint/suspicious/noExplicitAny: sockets, managers and engines
  emitter: { once(event: any, listener: any): unknown },
  event: string,
  // biome-ignore lint/suspicious/noExplicitAny: whatever the event brings
): Promise<any[]> {
  return new Promise((resolve) => emitter.once(event, (...args: unknown[]) => resolve(args)));
}

/** Long enough for a message each way, and for nothing that would come later. */
export const pause = (ms = 100): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Unhandled rejections until `stop`, which would fail the test else: what throws in a listener ends as one. */
export function catchRejections(): { reasons: unknown[]; stop(): void } {
  const reasons: unknown[] = [];
  const onRejection = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    reasons.push(event.reason);
  };
  addEventListener('unhandledrejection', onRejection);
  return { reasons, stop: () => removeEventListener('unhandledrejection', onRejection) };
}
