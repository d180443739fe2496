/** Constructor, send(), close() and bufferedAmount once more, as WPT's own suite goes about them. */
import { expect } from '@esm-bundle/chai';
import { until } from '../../support/env.ts';
import { next, record, thrown, wsUrl } from '../../support/streams.ts';
import { describeSockets } from './sockets.ts';

const host = new URL(wsUrl('echo')).host;

describeSockets('its URL', (on) => {
  const urls: Record<string, string> = {
    [`ws://${host}/streams/ws/echo?%20 a`]: `ws://${host}/streams/ws/echo?%20%20a`,
    [`ws://${host}/streams/x/../ws/echo`]: `ws://${host}/streams/ws/echo`,
    [`WS://${host.toUpperCase()}/streams/ws/echo`]: `ws://${host}/streams/ws/echo`,
    [`  ws://${host}/streams/ws/echo\n`]: `ws://${host}/streams/ws/echo`,
    [`ws:\\\\${host}\\streams\\ws\\echo`]: `ws://${host}/streams/ws/echo`,
    [`ws://${host}/streams/ws/ech\u00f6`]: `ws://${host}/streams/ws/ech%C3%B6`,
    'ws://push.hadoken.localhost:80/': 'ws://push.hadoken.localhost/',
    'wss://push.hadoken.localhost:443/a': 'wss://push.hadoken.localhost/a',
    'http://push.hadoken.localhost:80': 'ws://push.hadoken.localhost/',
    'https://push.hadoken.localhost:8443/a?b': 'wss://push.hadoken.localhost:8443/a?b',
  };
  for (const [given, url] of Object.entries(urls))
    it(`of ${JSON.stringify(given)} is ${url}`, () => {
      const socket = new on.WS(given);
      expect([socket.url, socket.readyState]).to.deep.equal([url, 0]);
      socket.close();
      expect(socket.readyState).to.equal(2);
    });

  it('is a SyntaxError where it is none, has a fragment or another scheme', () => {
    const wrong = [
      'ws://',
      'ws:',
      'ws://[::1',
      'ws://a:99999/',
      'ws://a/#',
      'wss://a/#b',
      'foo://a/',
      'mailto:a',
      'about:blank',
      'file:///a',
    ];
    for (const url of wrong)
      expect((thrown(() => new on.WS(url)) as DOMException)?.name, url).to.equal('SyntaxError');
  });

  it('comes before the subprotocols, and its string before either', () => {
    const order: string[] = [];
    const told = (name: string, text: string) => ({
      toString() {
        order.push(name);
        return text;
      },
    });
    const url = told('url', wsUrl('echo'));
    const protocols = told('protocols', 'a');
    new on.WS(url as never, protocols as never).close();
    expect(order).to.deep.equal(['url', 'protocols']);
    const broken = new RangeError('mine');
    const throwing = {
      toString() {
        throw broken;
      },
    };
    expect(thrown(() => new on.WS(throwing as never))).to.equal(broken);
    expect(thrown(() => new on.WS(wsUrl('echo'), throwing as never))).to.equal(broken);
  });

  it('may have undefined for subprotocols, and none, which are offered to nobody', async () => {
    for (const protocols of [undefined, []]) {
      const socket = await on.opened('headers', protocols as string[]);
      const headers = JSON.parse((await next(socket)).data);
      expect(headers).not.to.have.property('sec-websocket-protocol');
      expect(socket.protocol).to.equal('');
    }
  });

  it('offers subprotocols in order, those that differ by case too', async () => {
    const socket = on.make('headers', ['b', 'a', 'A']);
    const { data } = await next(socket);
    expect(JSON.parse(data)['sec-websocket-protocol']).to.match(/^b, ?a, ?A$/);
    expect(socket.protocol).to.equal('b');
  });
});

describeSockets('what it sends', (on) => {
  const VIEWS = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ];

  it('is the bytes of every kind of view, whole and in part', async () => {
    const socket = await on.opened();
    socket.binaryType = 'arraybuffer';
    const buffer = Uint8Array.from({ length: 64 }, (_, i) => i).buffer;
    for (const View of [...VIEWS, DataView]) {
      const size = 'BYTES_PER_ELEMENT' in View ? View.BYTES_PER_ELEMENT : 1;
      for (const [offset, length] of [
        [0, 64 / size],
        [16, 16 / size],
        [64, 0],
      ] as const) {
        socket.send(new (View as typeof Uint8Array)(buffer, offset, length));
        const { data } = await next(socket);
        const bytes = new Uint8Array(buffer, offset, length * size);
        expect([...new Uint8Array(data)], View.name).to.deep.equal([...bytes]);
      }
    }
    expect(buffer.byteLength).to.equal(64);
  });

  it('is text as it is: empty, NUL, of other letters, and of 64 KiB and more', async () => {
    const socket = await on.opened();
    for (const text of [
      '',
      '\0',
      'a\0b',
      '\u00a5x\u00a5\ufeff',
      '🥋',
      'x'.repeat(65_535),
      'ü'.repeat(65_536),
    ]) {
      socket.send(text);
      expect((await next(socket)).data === text, text.slice(0, 9)).to.equal(true);
    }
  });

  it('is what it was at the call', async () => {
    const socket = await on.opened();
    socket.binaryType = 'arraybuffer';
    const bytes = new Uint8Array([1, 2, 3]);
    socket.send(bytes);
    bytes.fill(9);
    socket.send(bytes.buffer);
    const [one, two] = [await next(socket), await next(socket)];
    expect([one, two].map(({ data }) => [...new Uint8Array(data)])).to.deep.equal([
      [1, 2, 3],
      [9, 9, 9],
    ]);
  });

  it('keeps its order, Blobs among it', async () => {
    const socket = await on.opened();
    socket.binaryType = 'arraybuffer';
    const got: string[] = [];
    socket.onmessage = ({ data }) =>
      got.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
    for (let i = 0; i < 9; i += 3) {
      socket.send(new Blob([`${i}`]));
      socket.send(`${i + 1}`);
      socket.send(new TextEncoder().encode(`${i + 2}`));
    }
    await until(() => got.length === 9);
    expect(got.join('')).to.equal('012345678');
  });

  it('is nothing in any state but open, and throws while it is connecting only', async () => {
    const socket = on.make();
    expect((thrown(() => socket.send('x')) as DOMException).name).to.equal('InvalidStateError');
    await next(socket, 'open');
    expect(socket.send('x')).to.equal(undefined);
    socket.close();
    expect(thrown(() => socket.send('x'))).to.equal(undefined);
    await next(socket, 'close');
    expect(thrown(() => socket.send(new Blob(['x'])))).to.equal(undefined);
  });
});

describeSockets('its bufferedAmount and its end', (on) => {
  it('is in bytes of UTF-8, at once, for each kind of data', async () => {
    for (const [data, size] of [
      ['', 0],
      ['Message', 7],
      ['\u00a5\u00a5\u00a5\u00a5', 8],
      ['🥋', 4],
      ['\ud800', 3],
      [new ArrayBuffer(10), 10],
      [new Uint16Array(5).subarray(1, 3), 4],
      [new Blob(['12345']), 5],
    ] as [string, number][]) {
      const socket = await on.opened();
      socket.send(data);
      expect(socket.bufferedAmount, String(data)).to.equal(size);
      socket.close();
    }
  });

  it('does not change within a task, and comes to 0', async () => {
    const socket = await on.opened('measure');
    socket.send('x'.repeat(10_000));
    const start = performance.now();
    while (performance.now() - start < 50) expect(socket.bufferedAmount).to.equal(10_000);
    await until(() => socket.bufferedAmount === 0);
  });

  it('can be set by nobody', async () => {
    const socket = await on.opened();
    for (const name of ['bufferedAmount', 'readyState', 'url', 'protocol', 'extensions'])
      expect(
        thrown(() => Object.assign(socket, { [name]: 5 })),
        name,
      ).to.be.instanceOf(TypeError);
  });

  it('is closed by a code and a reason, which the server gives back', async () => {
    const ends: [args: [code?: number, reason?: string], code: number, reason: string][] = [
      [[], 1_005, ''],
      [[1_000], 1_000, ''],
      [[1_000, 'Clean close'], 1_000, 'Clean close'],
      [[3_000, 'ü\ud800'], 3_000, 'ü\ufffd'],
      [[4_999, 'r'.repeat(123)], 4_999, 'r'.repeat(123)],
    ];
    for (const [args, code, reason] of ends) {
      const socket = await on.opened();
      const seen = record(socket, ['open', 'message', 'error', 'close']);
      socket.close(...args);
      expect(socket.readyState).to.equal(2);
      const event = await next<CloseEvent>(socket, 'close');
      expect([event.code, event.reason, event.wasClean, event.constructor]).to.deep.equal([
        code,
        reason,
        true,
        CloseEvent,
      ]);
      expect(seen).to.deep.equal(['close 3']);
      socket.close();
      expect(socket.readyState).to.equal(3);
    }
  });

  it('takes no other code and no longer reason, in any state, and is as it was then', async () => {
    const wrong: [code: number | undefined, reason: string, name: string][] = [
      [0, '', 'InvalidAccessError'],
      [500, '', 'InvalidAccessError'],
      [NaN, '', 'InvalidAccessError'],
      [null as never, '', 'InvalidAccessError'],
      ['text' as never, '', 'InvalidAccessError'],
      [1_001, '', 'InvalidAccessError'],
      [1_006, '', 'InvalidAccessError'],
      [2_999, 'why', 'InvalidAccessError'],
      [5_000, '', 'InvalidAccessError'],
      [70_536, '', 'InvalidAccessError'],
      [1_000, 'r'.repeat(124), 'SyntaxError'],
      [1_000, 'ü'.repeat(62), 'SyntaxError'],
    ];
    const socket = on.make();
    const check = (state: number): void => {
      for (const [code, reason, name] of wrong)
        expect(
          (thrown(() => socket.close(code, reason)) as DOMException)?.name,
          `${code} ${reason.length}`,
        ).to.equal(name);
      expect(socket.readyState).to.equal(state);
    };
    check(0);
    await next(socket, 'open');
    check(1);
    socket.close();
    check(2);
    await next(socket, 'close');
    check(3);
  });

  it('is ended by the server: closing handshake, a code of its own, or nothing', async () => {
    const ends: [command: string, seen: string[], code: number, reason: string, clean: boolean][] =
      [
        ['close', ['close 3'], 1_005, '', true],
        ['close 1000', ['close 3'], 1_000, '', true],
        ['close 1001 away', ['close 3'], 1_001, 'away', true],
        ['close 4321 own', ['close 3'], 4_321, 'own', true],
      ];
    for (const [command, told, code, reason, clean] of ends) {
      const socket = await on.opened();
      const seen = record(socket, ['error', 'close']);
      socket.send(command);
      const event = await next<CloseEvent>(socket, 'close');
      expect([event.code, event.reason, event.wasClean]).to.deep.equal([code, reason, clean]);
      expect(seen).to.deep.equal(told);
    }
    const socket = await on.opened();
    socket.send('drop');
    const event = await next<CloseEvent>(socket, 'close');
    expect([event.code, event.reason, event.wasClean]).to.deep.equal([1_006, '', false]);
  });
});
