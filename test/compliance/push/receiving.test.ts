import { expect } from '@esm-bundle/chai';
import { both, catchRejections, next, pause } from './both.ts';

both('receiving', ({ io }) => {
  it('runs listeners in the order of on, with the socket as this', async () => {
    const socket = io();
    const seen: unknown[] = [];
    socket.on('x', function (this: unknown, value) {
      seen.push('first', value, this === socket);
    });
    socket.on('x', () => seen.push('second'));
    socket.emit('emit-back', 'x', 7);
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal(['first', 7, true, 'second']);
  });

  it('gets events in the order they were sent', async () => {
    const socket = io();
    const seen: number[] = [];
    socket.on('n', (n) => seen.push(n));
    socket.emit('burst', 'n', 1_000);
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal(Array.from({ length: 1_000 }, (_, i) => i));
  });

  it('gets what the server emits as it connects after connect', async () => {
    const socket = io('/greet');
    const seen: unknown[] = [];
    socket.on('connect', () => seen.push('connect'));
    socket.on('hello', (n) => seen.push(n));
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal(['connect', 1, 2]);
  });

  it('gets what the server emits before it lets the socket in', async () => {
    const socket = io('/early');
    const seen: number[] = [];
    socket.on('early', (n) => seen.push(n));
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal([1]);
  });

  it('runs a once listener once', async () => {
    const socket = io();
    let calls = 0;
    socket.once('x', () => calls++);
    socket.emit('several', ['x'], ['x']);
    await socket.emitWithAck('echo');
    expect(calls).to.equal(1);
  });

  it('removes a listener by off(event, listener), one at a time', async () => {
    const socket = io();
    let calls = 0;
    const listener = () => calls++;
    socket.on('x', listener);
    socket.on('x', listener);
    socket.off('x', listener);
    expect(socket.listeners('x')).to.deep.equal([listener]);
    socket.emit('emit-back', 'x');
    await socket.emitWithAck('echo');
    expect(calls).to.equal(1);
  });

  it('removes a once listener by the function that was given', () => {
    const socket = io('/', { autoConnect: false });
    const listener = () => {};
    socket.once('x', listener);
    expect(socket.hasListeners('x')).to.equal(true);
    socket.off('x', listener);
    expect(socket.hasListeners('x')).to.equal(false);
  });

  it('removes all of an event by off(event), and everything by off()', () => {
    const socket = io('/', { autoConnect: false });
    socket.on('x', () => {});
    socket.on('y', () => {});
    expect(socket.off('x')).to.equal(socket);
    expect(socket.listeners('x')).to.deep.equal([]);
    expect(socket.listeners('y').length).to.equal(1);
    socket.off();
    expect(socket.listeners('y')).to.deep.equal([]);
  });

  it('knows every other name of on and off', () => {
    const socket = io('/', { autoConnect: false }) as unknown as Record<
      string,
      (event: string, listener: () => void) => unknown
    > & { listeners(event: string): unknown[] };
    for (const [add, remove] of [
      ['addEventListener', 'removeEventListener'],
      ['on', 'removeListener'],
      ['on', 'removeAllListeners'],
    ] as const) {
      const listener = () => {};
      socket[add]?.('x', listener);
      expect(socket.listeners('x')).to.deep.equal([listener]);
      socket[remove]?.('x', listener);
      expect(socket.listeners('x')).to.deep.equal([]);
    }
  });

  it('runs the listeners that were there when the event came', async () => {
    const socket = io();
    const seen: string[] = [];
    const third = () => seen.push('third');
    socket.on('x', () => {
      seen.push('first');
      socket.off('x', third);
      socket.on('x', () => seen.push('late'));
    });
    socket.on('x', third);
    socket.emit('emit-back', 'x');
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal(['first', 'third']);
  });

  it('runs catch-all listeners before the others, and not for its own events', async () => {
    const socket = io();
    const seen: unknown[] = [];
    socket.onAny((...args) => seen.push(args));
    socket.on('x', () => seen.push('x'));
    socket.emit('emit-back', 'x', 1);
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal([['x', 1], 'x']);
  });

  it('orders, lists and removes catch-all listeners', async () => {
    const socket = io();
    const seen: string[] = [];
    const a = () => seen.push('a');
    const b = () => seen.push('b');
    expect(socket.onAny(a)).to.equal(socket);
    expect(socket.prependAny(b)).to.equal(socket);
    expect(socket.listenersAny()).to.deep.equal([b, a]);
    socket.emit('emit-back', 'x');
    await socket.emitWithAck('echo');
    expect(socket.offAny(b)).to.equal(socket);
    socket.emit('emit-back', 'x');
    await socket.emitWithAck('echo');
    socket.offAny();
    expect(socket.listenersAny()).to.deep.equal([]);
    expect(seen).to.deep.equal(['b', 'a', 'a']);
  });

  it('acknowledges to the server with every argument', async () => {
    const socket = io();
    socket.on('question', (a, b, ack) => ack(a + b, 'sum'));
    expect(await socket.emitWithAck('ask', 'question', 1, 2)).to.deep.equal({ answer: [3, 'sum'] });
  });

  it('acknowledges to the server later', async () => {
    const socket = io();
    socket.on('question', (ack) => void setTimeout(ack, 50, 'late'));
    expect(await socket.emitWithAck('ask', 'question')).to.deep.equal({ answer: ['late'] });
  });

  it('acknowledges to the server once', async () => {
    const socket = io();
    socket.on('question', (ack) => {
      ack(1);
      ack(2);
    });
    expect(await socket.emitWithAck('count-acks', 'question')).to.equal(1);
  });

  it('lets the server time out where nobody acknowledges', async () => {
    const socket = io();
    expect(await socket.emitWithAck('ask', 'nobody listens')).to.deep.equal({
      error: 'operation has timed out',
    });
  });

  it('gives a catch-all listener the acknowledgement as well', async () => {
    const socket = io();
    socket.onAny((event, ack) => ack(event));
    expect(await socket.emitWithAck('ask', 'anything')).to.deep.equal({ answer: ['anything'] });
  });

  it('goes on to the next event when a listener throws, which is an unhandled rejection', async () => {
    const rejections = catchRejections();
    const socket = io();
    const seen: string[] = [];
    socket.on('bad', () => {
      throw new Error('from a listener');
    });
    socket.on('bad', () => seen.push('after the one that throws'));
    socket.on('good', () => seen.push('good'));
    socket.emit('several', ['bad'], ['good']);
    await socket.emitWithAck('echo');
    await pause(50);
    rejections.stop();
    expect(seen).to.deep.equal(['good']);
    expect(rejections.reasons.map(String)).to.deep.equal(['Error: from a listener']);
    expect(socket.connected).to.equal(true);
  });

  it('goes on when an acknowledgement throws', async () => {
    const rejections = catchRejections();
    const socket = io();
    socket.emit('echo', () => {
      throw new Error('from an acknowledgement');
    });
    expect(await socket.emitWithAck('echo', 1)).to.equal(1);
    await pause(50);
    rejections.stop();
    expect(rejections.reasons.map(String)).to.deep.equal(['Error: from an acknowledgement']);
  });

  it('runs what awaited an acknowledgement before the next event', async () => {
    const socket = io();
    const seen: string[] = [];
    socket.on('x', () => seen.push('x'));
    await next(socket, 'connect');
    const answered = socket.emitWithAck('echo').then(() => seen.push('answered'));
    socket.emit('emit-back', 'x');
    await answered;
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal(['answered', 'x']);
  });

  it('takes emits made in listeners', async () => {
    const socket = io();
    const done = new Promise((resolve) => {
      socket.on('ping-pong', (n) =>
        n < 20 ? socket.emit('emit-back', 'ping-pong', n + 1) : resolve(n),
      );
    });
    socket.emit('emit-back', 'ping-pong', 0);
    expect(await done).to.equal(20);
  });

  it('gets keys such as __proto__ as own properties, and pollutes nothing', async () => {
    const socket = io();
    const value = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}');
    const back = await socket.emitWithAck('echo', value);
    expect(Object.keys(back).sort()).to.deep.equal(['__proto__', 'constructor']);
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined);
  });

  it('carries text of every plane, and long text', async () => {
    const socket = io();
    const text = `é 漢字 🎉 \u0000 "quoted" \\ ${'x'.repeat(300_000)}`;
    expect(await socket.emitWithAck('echo', text)).to.equal(text);
  });

  it('carries numbers, null, booleans and nested structures unchanged', async () => {
    const socket = io();
    const value = [0, -0.5, 1e300, null, true, { a: [{ b: [] }] }, ''];
    expect(await socket.emitWithAck('echo', value)).to.deep.equal(value);
  });

  /** What a server may send that is no packet as the Encoder writes it, and the decoder takes all the same. */
  const odd = [
    '2 1["x","a space before the id"]',
    '2\t["x","a tab for an id"]',
    '2 ["x","a space for an id"]',
    '2\u00a07["x","a no-break space"]',
    '2\ufeff1["x","a byte order mark"]',
    '2\u2028["x","a line separator"]',
    '2007["x","leading zeros"]',
    '21 ["x","a space behind the id"]',
    '21 2["x","an id that is no number"]',
    `2${'9'.repeat(400)}["x","an endless id"]`,
    '29007199254740993["x","an id past all safe integers"]',
    '2[ "x" , "spaces in the JSON" ] ',
    '2/,["x","the namespace by name"]',
    '2["x",{"__proto__":{"polluted":1}}]',
    '2["x","\u2028 ] } \\" \\ud800"]',
  ];
  for (const text of odd)
    it(`takes ${text.slice(0, 40)}, and what comes behind it`, async () => {
      const socket = io();
      const heard = next(socket, 'x');
      const last = next(socket, 'last');
      socket.emit('raw', text, '2["last"]');
      const args = (await heard).filter((arg) => typeof arg !== 'function');
      expect(JSON.stringify(args)).to.equal(
        JSON.stringify(JSON.parse(text.slice(text.indexOf('['))).slice(1)),
      );
      await last;
      expect(await socket.emitWithAck('echo', 'still here')).to.equal('still here');
      expect({}).not.to.have.property('polluted');
    });

  it('gives no event twice, and answers nobody, for acknowledgements that nobody waits for', async () => {
    const socket = io();
    const answers: unknown[] = [];
    await next(socket, 'connect');
    socket.emit('silent', (answer: unknown) => answers.push(answer));
    socket.emit(
      'raw',
      '30["first"]',
      '30["again"]',
      '3999["nobody"]',
      `3${'9'.repeat(400)}["nobody"]`,
      '2["last"]',
    );
    await next(socket, 'last');
    expect(answers).to.deep.equal(['first']);
  });
});
