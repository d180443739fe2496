/** What pages do to sockets that no manual says: beside socket.io-client itself. */
import { expect } from '@esm-bundle/chai';
import { both, next, pause } from './both.ts';

both('odd pages', ({ io, Manager }) => {
  it('gives each event to who listens anew after each, however it waits', async () => {
    const socket = io();
    await next(socket, 'connect');
    const one = (): Promise<unknown> => new Promise((resolve) => socket.once('x', resolve));
    const late = async (): Promise<string> => {
      await pause(20_000);
      return 'late';
    };
    socket.emit('several', ['x', 1], ['x', 2], ['x', 3], ['y'], ['x', 4]);
    const seen: unknown[] = [];
    for (let i = 0; i < 4; i++) seen.push(await Promise.race([one(), late()]));
    expect(seen).to.deep.equal([1, 2, 3, 4]);
  });

  it('sends as binary what a toJSON gives as that', async () => {
    const socket = io();
    class Own {
      toJSON = (): unknown => new Uint8Array([1, 2]);
    }
    class Inner {
      toJSON = (): unknown => ({ z: new Uint8Array([3]) });
    }
    const [seen] = await socket.emitWithAck('describe', { own: new Own(), inner: new Inner() });
    expect(seen).to.deep.equal({ own: { bytes: [1, 2] }, inner: { z: { bytes: [3] } } });
  });

  it('goes on while queueMicrotask is a fake one', async () => {
    const { queueMicrotask } = globalThis;
    globalThis.queueMicrotask = () => {};
    try {
      expect(await io().emitWithAck('echo', 7)).to.equal(7);
    } finally {
      globalThis.queueMicrotask = queueMicrotask;
    }
  });

  it('connects with options that are no data, and does not look into them', async () => {
    const agent: Record<string, unknown> = {};
    agent.self = agent;
    const options = { agent, mine: 1n, nothing: Symbol('s'), window } as object;
    expect(await io('/', options).emitWithAck('echo', 1)).to.equal(1);
  });

  it('stays down after reconnection(0), and takes it for true as an option', async () => {
    const socket = io('/', { reconnection: 0 as unknown as boolean });
    await next(socket, 'connect');
    expect(socket.io.reconnection()).to.equal(true);
    socket.io.reconnection(0 as unknown as boolean);
    expect(socket.io.reconnection()).to.equal(false);
    socket.emit('drop');
    await next(socket, 'disconnect');
    await pause(200);
    expect([socket.connected, socket.io._readyState]).to.deep.equal([false, 'closed']);
  });

  it('keeps a setting whose setter is given undefined', () => {
    const manager = Manager({ autoConnect: false, reconnectionDelay: 30 });
    const setters = ['reconnectionDelay', 'reconnectionDelayMax', 'randomizationFactor'] as const;
    for (const name of [...setters, 'reconnectionAttempts'] as const) {
      const before = manager[name]();
      expect((manager[name] as (value?: number) => unknown)(undefined), name).to.equal(before);
      expect(manager[name](), name).to.equal(before);
    }
    expect(manager.timeout(undefined as unknown as number)).to.equal(manager);
  });

  it('authenticates by JSON alone, bytes or not', async () => {
    const auth = { bytes: new Uint8Array([1, 2]), when: new Date(0), nothing: undefined };
    const { auth: seen } = await io('/', { auth }).emitWithAck('whoami');
    expect(seen).to.deep.equal({ bytes: { 0: 1, 1: 2 }, when: new Date(0).toISOString() });
  });

  it('has no timeout where it is null', async () => {
    const socket = io();
    expect(await socket.timeout(null as unknown as number).emitWithAck('delay', 50)).to.equal(50);
  });

  it('keeps an event with retries and no time for its answer, however often it is lost', async () => {
    const socket = io('/', { retries: 1 });
    await next(socket, 'connect');
    const ended: unknown[] = [];
    socket.emit('silent', (...args: unknown[]) => ended.push(args));
    for (let i = 0; i < 3; i++) {
      socket.disconnect().connect();
      await next(socket, 'connect');
    }
    const queue = (socket as unknown as { _queue: object[] })._queue;
    expect([ended, queue.length]).to.deep.equal([[], 1]);
  });
});
