import { expect } from '@esm-bundle/chai';
import { uniqueId } from '../../support/env.ts';
import { both, next, pause } from './both.ts';

both('emitting', ({ io }) => {
  it('returns the socket from emit, send, compress, timeout and volatile', async () => {
    const socket = io();
    await next(socket, 'connect');
    expect(socket.emit('silent')).to.equal(socket);
    expect(socket.send('x')).to.equal(socket);
    expect(socket.compress(false)).to.equal(socket);
    expect(socket.timeout(1_000)).to.equal(socket);
    expect(socket.volatile).to.equal(socket);
  });

  it('keeps the order of what is emitted before and after the connection is there', async () => {
    const socket = io();
    const key = uniqueId();
    for (let i = 0; i < 5; i++) socket.emit('note', key, i);
    await next(socket, 'connect');
    for (let i = 5; i < 10; i++) socket.emit('note', key, i);
    expect(await socket.emitWithAck('notes', key)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('has what waits for the connection in sendBuffer', async () => {
    const socket = io();
    socket.emit('note', 'sendBuffer', { a: 1 });
    expect(socket.sendBuffer.length).to.equal(1);
    expect(socket.sendBuffer[0]?.data).to.deep.equal(['note', 'sendBuffer', { a: 1 }]);
    await next(socket, 'connect');
    expect(socket.sendBuffer).to.deep.equal([]);
  });

  it('forgets what is taken out of sendBuffer', async () => {
    const socket = io();
    const key = uniqueId();
    socket.emit('note', key, 'forgotten');
    socket.sendBuffer = [];
    socket.emit('note', key, 'sent');
    expect(await socket.emitWithAck('notes', key)).to.deep.equal(['sent']);
  });

  it('emits what waited before the connect listener emits', async () => {
    const socket = io();
    const key = uniqueId();
    socket.on('connect', () => socket.emit('note', key, 'by the listener'));
    socket.emit('note', key, 'waited');
    await next(socket, 'connect');
    expect(await socket.emitWithAck('notes', key)).to.deep.equal(['waited', 'by the listener']);
  });

  it('acknowledges with every argument', async () => {
    const socket = io();
    const args = await new Promise((resolve) =>
      socket.emit('echo', 1, 'two', [3], (...values: unknown[]) => resolve(values)),
    );
    expect(args).to.deep.equal([1, 'two', [3]]);
  });

  it('calls an acknowledgement once, and with the socket as this', async () => {
    const socket = io();
    const calls: unknown[] = [];
    socket.emit('ack-twice', function (this: unknown, value: string) {
      calls.push(value, this === socket);
    });
    await socket.emitWithAck('echo');
    expect(calls).to.deep.equal(['first', true]);
  });

  it('answers emitWithAck() where a page has put its own emit() around', async () => {
    const socket = io();
    await next(socket, 'connect');
    const { emit } = socket;
    socket.emit = function (this: typeof socket, ...args: Parameters<typeof emit>) {
      emit.call(socket, 'note', 'wrapped', args[0]);
      return emit.apply(socket, args);
    };
    expect(await socket.emitWithAck('echo', 'answered')).to.equal('answered');
    expect(await socket.timeout(5_000).emitWithAck('echo', 'in time')).to.equal('in time');
    socket.emit = (...args: Parameters<typeof emit>) => {
      void Promise.resolve().then(() => emit.apply(socket, args));
      return socket;
    };
    const plain = new Promise((resolve) =>
      socket.emit('echo', 'plain', (...given: unknown[]) => resolve(given)),
    );
    expect(await socket.emitWithAck('echo', 'later')).to.equal('later');
    expect(await plain).to.deep.equal(['plain']);
  });

  it('keeps acknowledgements of concurrent emits apart', async () => {
    const socket = io();
    const values = await Promise.all([30, 10, 20].map((ms) => socket.emitWithAck('delay', ms)));
    expect(values).to.deep.equal([30, 10, 20]);
  });

  it('sends arguments as JSON does: toJSON, Date, undefined, functions, NaN', async () => {
    const socket = io();
    const value = {
      point: { toJSON: () => ({ x: 1 }) },
      at: new Date(0),
      gone: undefined,
      fn: () => {},
      nan: Number.NaN,
      list: [undefined, () => {}, Symbol('s')],
      map: new Map([[1, 2]]),
    };
    expect(await socket.emitWithAck('describe', value, undefined)).to.deep.equal([
      {
        point: { x: 1 },
        at: '1970-01-01T00:00:00.000Z',
        nan: null,
        list: [null, null, null],
        map: {},
      },
      null,
    ]);
  });

  it('sends what only JSON can read: proxies, getters, instances of classes', async () => {
    const socket = io();
    class Point {
      readonly x = 1;
      get y() {
        return 2;
      }
    }
    const proxy = new Proxy(
      { a: 1 },
      { get: (target, key) => (key === 'a' ? 2 : Reflect.get(target, key)) },
    );
    const getter = {
      get now() {
        return 3;
      },
    };
    expect(await socket.emitWithAck('echo', [new Point(), proxy, getter])).to.deep.equal([
      { x: 1 },
      { a: 2 },
      { now: 3 },
    ]);
  });

  it('takes down what is emitted while connected: a later change does not show', async () => {
    const socket = io();
    await next(socket, 'connect');
    const value = { a: 1, bytes: { list: [1] } };
    const answer = socket.emitWithAck('echo', value);
    value.a = 2;
    value.bytes.list.push(2);
    expect(await answer).to.deep.equal({ a: 1, bytes: { list: [1] } });
  });

  it('sends what waited as it is when the connection comes: a later change does show', async () => {
    const socket = io();
    const value = { a: 1 };
    const answer = socket.emitWithAck('echo', value);
    value.a = 2;
    expect(await answer).to.deep.equal({ a: 2 });
  });

  it('throws at once what JSON throws: cycles and BigInt', async () => {
    const socket = io();
    await next(socket, 'connect');
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => socket.emit('echo', cycle)).to.throw();
    expect(() => socket.emit('echo', 1n)).to.throw(TypeError);
    expect(await socket.emitWithAck('echo', 'goes on')).to.equal('goes on');
  });

  for (const event of [
    'connect',
    'connect_error',
    'disconnect',
    'disconnecting',
    'newListener',
    'removeListener',
  ])
    it(`throws for the reserved event name ${event}`, () => {
      const socket = io('/', { autoConnect: false });
      expect(() => socket.emit(event)).to.throw(Error, `"${event}" is a reserved event name`);
      expect(() => socket.volatile.emit(event)).to.throw(
        Error,
        `"${event}" is a reserved event name`,
      );
    });

  it('emits names that look like parts of an object', async () => {
    const socket = io();
    await socket.emitWithAck('echo');
    const seen: string[] = [];
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then'])
      socket.on(name, (value) => seen.push(`${name}:${value}`));
    socket.emit(
      'several',
      ['__proto__', 1],
      ['constructor', 2],
      ['toString', 3],
      ['hasOwnProperty', 4],
      ['then', 5],
    );
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal([
      '__proto__:1',
      'constructor:2',
      'toString:3',
      'hasOwnProperty:4',
      'then:5',
    ]);
  });

  it('sends send() as a message', async () => {
    const socket = io();
    await next(socket, 'connect');
    const outgoing: unknown[][] = [];
    socket.onAnyOutgoing((...args) => outgoing.push(args));
    socket.send('a', 1);
    expect(outgoing).to.deep.equal([['message', 'a', 1]]);
  });

  it('drops a volatile event while it is disconnected, and its buffer stays empty', async () => {
    const socket = io();
    const key = uniqueId();
    socket.volatile.emit('note', key, 'volatile');
    socket.emit('note', key, 'kept');
    expect(socket.sendBuffer.length).to.equal(1);
    expect(await socket.emitWithAck('notes', key)).to.deep.equal(['kept']);
  });

  it('sends a volatile event while it is connected', async () => {
    const socket = io();
    await socket.emitWithAck('echo');
    await pause(20);
    const key = uniqueId();
    socket.volatile.emit('note', key, 'volatile');
    expect(await socket.emitWithAck('notes', key)).to.deep.equal(['volatile']);
  });

  it('uses a flag for the next emit only', async () => {
    const socket = io();
    const key = uniqueId();
    socket.volatile.emit('note', key, 'dropped');
    socket.emit('note', key, 'kept');
    socket.compress(false).emit('note', key, 'uncompressed');
    expect(await socket.emitWithAck('notes', key)).to.deep.equal(['kept', 'uncompressed']);
  });

  it('times out an acknowledgement that does not come', async () => {
    const socket = io();
    await next(socket, 'connect');
    const [error] = await new Promise<unknown[]>((resolve) =>
      socket.timeout(50).emit('silent', (...args: unknown[]) => resolve(args)),
    );
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).message).to.equal('operation has timed out');
  });

  it('gives an acknowledgement with timeout null before the answer', async () => {
    const socket = io();
    const args = await new Promise((resolve) =>
      socket.timeout(25_000).emit('echo', 'a', 'b', (...values: unknown[]) => resolve(values)),
    );
    expect(args).to.deep.equal([null, 'a', 'b']);
  });

  it('rejects emitWithAck at the timeout, and resolves it with the first argument', async () => {
    const socket = io();
    expect(await socket.timeout(25_000).emitWithAck('echo', 'a', 'b')).to.equal('a');
    const error = await socket
      .timeout(50)
      .emitWithAck('silent')
      .catch((reason) => reason);
    expect(error.message).to.equal('operation has timed out');
  });

  it('does not send what has timed out before there was a connection', async () => {
    const socket = io('/', { autoConnect: false });
    const key = uniqueId();
    const error = await socket
      .timeout(20)
      .emitWithAck('note', key, 'late')
      .catch((reason) => reason);
    expect(error.message).to.equal('operation has timed out');
    expect(socket.sendBuffer).to.deep.equal([]);
    socket.connect();
    expect(await socket.emitWithAck('notes', key)).to.deep.equal([]);
  });

  it('uses ackTimeout of its options where no timeout is given', async () => {
    const socket = io('/', { ackTimeout: 50 });
    const error = await socket.emitWithAck('silent').catch((reason) => reason);
    expect(error.message).to.equal('operation has timed out');
    expect(await socket.timeout(25_000).emitWithAck('delay', 80)).to.equal(80);
  });

  it('tells onAnyOutgoing of what is sent, when it is sent', async () => {
    const socket = io();
    const seen: unknown[][] = [];
    socket.onAnyOutgoing((...args) => seen.push([socket.connected, ...args]));
    socket.emit('silent', 1);
    expect(seen).to.deep.equal([]);
    await next(socket, 'connect');
    expect(seen).to.deep.equal([[true, 'silent', 1]]);
    socket.emit('silent', 2, () => {});
    expect(seen[1]).to.deep.equal([true, 'silent', 2]);
  });

  it('orders, lists and removes outgoing catch-all listeners', async () => {
    const socket = io();
    await next(socket, 'connect');
    const seen: string[] = [];
    const a = () => seen.push('a');
    const b = () => seen.push('b');
    expect(socket.onAnyOutgoing(a)).to.equal(socket);
    expect(socket.prependAnyOutgoing(b)).to.equal(socket);
    expect(socket.listenersAnyOutgoing()).to.deep.equal([b, a]);
    socket.emit('silent');
    expect(socket.offAnyOutgoing(b)).to.equal(socket);
    socket.emit('silent');
    socket.offAnyOutgoing();
    socket.emit('silent');
    expect(seen).to.deep.equal(['b', 'a', 'a']);
    expect(socket.listenersAnyOutgoing()).to.deep.equal([]);
  });
});
