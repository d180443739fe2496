import { expect } from '@esm-bundle/chai';
import { until } from '../../support/env.ts';
import { next, thrown, wsUrl } from '../../support/streams.ts';
import { describeSockets } from './sockets.ts';

describeSockets('its messages', (on) => {
  const { make, opened } = on;

  it('takes what can be iterated over for a list of subprotocols, and anything else for one', () => {
    const withProtocols = (protocols: unknown): WebSocket =>
      new on.WS(wsUrl('echo'), protocols as string);
    for (const protocols of [
      ...[undefined, null, 5, 'mqtt', [], ['a', 'A'], [1], [null], [undefined], [['a']]],
      ...[new Set(['a', 'b']), { toString: () => 'token' }, { *[Symbol.iterator]() {} }],
    ])
      withProtocols(protocols).close();
    for (const protocols of [
      Symbol('s'),
      [Symbol('s')],
      [Object.create(null)],
      Object.create(null),
    ])
      expect(thrown(() => withProtocols(protocols))).to.be.instanceOf(TypeError);
    for (const protocols of [{}, () => {}, new Set(['a b']), [['a', 'b']]])
      expect((thrown(() => withProtocols(protocols)) as DOMException).name).to.equal('SyntaxError');
  });

  it('gives a message with its data and origin', async () => {
    const socket = await opened();
    socket.send('hello');
    const event = await next(socket);
    expect(event).to.be.instanceOf(MessageEvent);
    const { data, origin, lastEventId, source, ports, bubbles, cancelable } = event;
    expect({
      data,
      origin,
      lastEventId,
      source,
      ports: [...ports],
      bubbles,
      cancelable,
    }).to.deep.equal({
      data: 'hello',
      origin: new URL(wsUrl('')).origin,
      lastEventId: '',
      source: null,
      ports: [],
      bubbles: false,
      cancelable: false,
    });
  });

  it('gives binary data as a Blob unless told otherwise', async () => {
    const socket = await opened();
    socket.send(new Uint8Array([1, 2, 3]));
    const { data } = await next(socket);
    expect(data).to.be.instanceOf(Blob);
    expect([...new Uint8Array(await data.arrayBuffer())]).to.deep.equal([1, 2, 3]);
  });

  it('gives binary data as binaryType says when it arrives', async () => {
    const socket = await opened();
    socket.send(new Uint8Array([1]));
    socket.binaryType = 'arraybuffer';
    expect((await next(socket)).data).to.be.instanceOf(ArrayBuffer);
    socket.binaryType = 'blob';
    socket.send(new Uint8Array([1]));
    expect((await next(socket)).data).to.be.instanceOf(Blob);
  });

  it('takes a binaryType for the string that it can be', () => {
    const socket = make();
    socket.binaryType = { toString: () => 'arraybuffer' } as unknown as BinaryType;
    expect(socket.binaryType).to.equal('arraybuffer');
    const assign = (type: unknown): void => {
      socket.binaryType = type as BinaryType;
    };
    expect(thrown(() => assign(Symbol('blob')))).to.be.instanceOf(TypeError);
    for (const type of [undefined, null, 7, '', 'Blob']) assign(type);
    expect(socket.binaryType).to.equal('arraybuffer');
  });

  it('ignores a binaryType that there is not', () => {
    const socket = make();
    socket.binaryType = 'arraybuffer';
    socket.binaryType = 'text' as BinaryType;
    expect(socket.binaryType).to.equal('arraybuffer');
  });

  it("sends a view's own bytes and leaves its buffer alone", async () => {
    const socket = await opened();
    socket.binaryType = 'arraybuffer';
    const { buffer } = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const view of [
      new Uint8Array(buffer, 2, 3),
      new DataView(buffer, 4),
      new Uint16Array(buffer, 2, 1),
    ]) {
      socket.send(view);
      const { data } = await next(socket);
      expect([...new Uint8Array(data)]).to.deep.equal([
        ...new Uint8Array(buffer, view.byteOffset, view.byteLength),
      ]);
    }
    expect(buffer.byteLength).to.equal(8);
  });

  it('sends an ArrayBuffer as it is now, whatever becomes of it', async () => {
    const socket = await opened();
    socket.binaryType = 'arraybuffer';
    const bytes = new Uint8Array([1, 2]);
    socket.send(bytes.buffer);
    bytes[0] = 9;
    expect([...new Uint8Array((await next(socket)).data)]).to.deep.equal([1, 2]);
    expect(bytes.length).to.equal(2);
  });

  it('sends Blobs and Files', async () => {
    const socket = await opened();
    socket.binaryType = 'arraybuffer';
    for (const blob of [
      new Blob(['ab', 'c']),
      new File(['abc'], 'name.txt', { type: 'text/plain' }),
    ]) {
      socket.send(blob);
      expect(new TextDecoder().decode((await next(socket)).data)).to.equal('abc');
    }
  });

  it('sends anything else as a string', async () => {
    const socket = await opened();
    const values: [unknown, string][] = [
      [7, '7'],
      [null, 'null'],
      [undefined, 'undefined'],
      [{}, '[object Object]'],
      [[1, 2], '1,2'],
      [Object('s'), 's'],
    ];
    for (const [value, text] of values) {
      socket.send(value as string);
      expect((await next(socket)).data).to.equal(text);
    }
    expect(thrown(() => socket.send(Symbol('s') as unknown as string))).to.be.instanceOf(TypeError);
  });

  it('sends any text, lone surrogates as U+FFFD', async () => {
    const socket = await opened();
    for (const [text, received] of [
      ['grün 🥋 \0 \n', 'grün 🥋 \0 \n'],
      ['a\ud800b', 'a\ufffdb'],
      ['', ''],
    ]) {
      socket.send(text as string);
      expect((await next(socket)).data).to.equal(received);
    }
  });

  it('sends and gives empty binary messages', async () => {
    const socket = await opened();
    socket.send(new ArrayBuffer(0));
    expect((await next(socket)).data.size).to.equal(0);
  });

  it('keeps the order of messages, of whatever kind', async () => {
    const socket = await opened();
    socket.binaryType = 'arraybuffer';
    const received: string[] = [];
    socket.onmessage = ({ data }) =>
      received.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
    const sent = Array.from({ length: 300 }, (_, i) => `${i}`);
    for (const [i, text] of sent.entries())
      socket.send([text, new TextEncoder().encode(text), new Blob([text])][i % 3] as string);
    await until(() => received.length === sent.length);
    expect(received).to.deep.equal(sent);
  });

  it('lets promises settle between two messages', async () => {
    const socket = make('burst?count=20');
    const received: unknown[] = [];
    socket.binaryType = 'arraybuffer';
    await next(socket, 'open');
    for (let i = 0; i < 20; i++) {
      const { data } = await next(socket);
      received.push(Number(typeof data === 'string' ? data : new TextDecoder().decode(data)));
    }
    expect(received).to.deep.equal(Array.from({ length: 20 }, (_, i) => i));
  });

  it('carries 8 MB in one message, both ways', async () => {
    const socket = await opened();
    socket.binaryType = 'arraybuffer';
    const bytes = new Uint8Array(8_000_000).map((_, i) => i * 7);
    socket.send(bytes);
    const { data } = await next(socket);
    expect(data.byteLength).to.equal(bytes.length);
    expect(new Uint8Array(data)[7_999_999]).to.equal(bytes[7_999_999]);
  });

  it('throws a TypeError for send() without an argument, and for what can not be a string', async () => {
    const socket = await opened();
    const connecting = make('never');
    const received: unknown[] = [];
    socket.onmessage = ({ data }) => received.push(data);
    for (const { send } of [connecting, socket]) {
      for (const each of [connecting, socket]) {
        expect(thrown(() => (send as () => void).call(each))).to.be.instanceOf(TypeError);
        for (const data of [Symbol('s'), Object.create(null)])
          expect(thrown(() => send.call(each, data as string))).to.be.instanceOf(TypeError);
      }
    }
    const own = new RangeError('of the page');
    const hostile = {
      toString() {
        throw own;
      },
    };
    expect(thrown(() => socket.send(hostile as unknown as string))).to.equal(own);
    expect(socket.bufferedAmount).to.equal(0);
    socket.send('the only one');
    await until(() => received.length > 0);
    expect(received).to.deep.equal(['the only one']);
    socket.close();
    expect(thrown(() => (socket.send as () => void)())).to.be.instanceOf(TypeError);
  });

  it('sends Blobs and buffers of another realm as what they are', async () => {
    const socket = await opened();
    socket.binaryType = 'arraybuffer';
    const frame = document.body.appendChild(document.createElement('iframe'));
    const realm = frame.contentWindow as unknown as typeof globalThis;
    for (const data of [
      new realm.Blob(['abc']),
      new realm.File(['abc'], 'name.txt'),
      new realm.TextEncoder().encode('abc'),
      new realm.TextEncoder().encode('abc').buffer,
      new realm.DataView(new realm.TextEncoder().encode('_abc_').buffer, 1, 3),
    ]) {
      socket.send(data);
      expect(new TextDecoder().decode((await next(socket)).data)).to.equal('abc');
    }
    frame.remove();
  });

  it('throws a TypeError for shared memory, and counts nothing', async () => {
    const socket = await opened();
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    for (const data of [new Uint8Array(buffer), new DataView(buffer, 8, 8), buffer])
      expect((thrown(() => socket.send(data)) as Error).name).to.equal('TypeError');
    expect(socket.bufferedAmount).to.equal(0);
  });

  // The engines' own send nothing of it.
  if (on.side === 'hadoken')
    it('throws for buffers that are detached, and counts nothing', async () => {
      const socket = await opened();
      const view = new Uint8Array(4);
      structuredClone(view.buffer, { transfer: [view.buffer] });
      for (const data of [view, view.buffer])
        expect(thrown(() => socket.send(data as ArrayBuffer))).to.be.ok;
      expect(socket.bufferedAmount).to.equal(0);
      socket.send('still here');
      expect((await next(socket)).data).to.equal('still here');
    });

  it('throws an InvalidStateError for send() while it is connecting', () => {
    const socket = make();
    const error = thrown(() => socket.send('early')) as DOMException;
    expect(error).to.be.instanceOf(DOMException);
    expect([error.name, error.code]).to.deep.equal([
      'InvalidStateError',
      DOMException.INVALID_STATE_ERR,
    ]);
  });
});
