import { expect } from '@esm-bundle/chai';
import { env, until } from '../../support/env.ts';
import { closeSides, next, record, SIDES, settle, streamsOf, thrown, wsUrl } from '../../support/streams.ts';

for (const side of SIDES) {
  describe(`WebSocket (${side})`, () => {
    let WS: typeof WebSocket;
    const open: WebSocket[] = [];
    /** A socket that is closed after the test. */
    const make = (name = 'echo', protocols?: string | string[]): WebSocket => {
      const socket = new WS(wsUrl(name), protocols);
      open.push(socket);
      return socket;
    };
    const opened = async (name = 'echo', protocols?: string | string[]): Promise<WebSocket> => {
      const socket = make(name, protocols);
      await next(socket, 'open');
      return socket;
    };

    before(() => {
      WS = streamsOf(side).WebSocket;
    });
    afterEach(() => {
      for (const socket of open.splice(0)) socket.close();
    });
    after(closeSides);

    it('is named as the platform names it', () => {
      const socket = make();
      expect(WS.name).to.equal('WebSocket');
      expect(String(socket)).to.equal('[object WebSocket]');
      expect(socket).to.be.instanceOf(WS).and.instanceOf(EventTarget);
      expect(socket.constructor).to.equal(WS);
      expect(Object.keys(socket)).to.deep.equal([]);
    });

    it('has its constants on the class and on the prototype, readonly', () => {
      for (const target of [WS, WS.prototype]) {
        const { CONNECTING, OPEN, CLOSING, CLOSED } = target;
        expect([CONNECTING, OPEN, CLOSING, CLOSED]).to.deep.equal([0, 1, 2, 3]);
        expect(thrown(() => Object.assign(target, { OPEN: 7 }))).to.be.instanceOf(TypeError);
      }
    });

    it("has every member of the engine's own, and attributes that can't be set", () => {
      const socket = make();
      for (const key in WebSocket.prototype) expect(key in WS.prototype, key).to.equal(true);
      expect(thrown(() => Object.assign(socket, { readyState: 1 }))).to.be.instanceOf(TypeError);
      expect(thrown(() => Reflect.get(WS.prototype, 'url', {}))).to.be.instanceOf(TypeError);
    });

    it('is a constructor, and nothing to be called', () => {
      expect(thrown(() => (WS as unknown as (url: string) => void)(wsUrl('echo')))).to.be.instanceOf(
        TypeError,
      );
    });

    it('starts out connecting, with its URL in full', () => {
      const socket = make('echo?a= b');
      const { readyState, url, protocol, extensions, binaryType, bufferedAmount } = socket;
      expect({ readyState, url, protocol, extensions, binaryType, bufferedAmount }).to.deep.equal({
        readyState: 0,
        url: wsUrl('echo?a=%20b'),
        protocol: '',
        extensions: '',
        binaryType: 'blob',
        bufferedAmount: 0,
      });
    });

    it('takes a URL object', async () => {
      const socket = new WS(new URL(wsUrl('echo')));
      await next(socket, 'open');
      socket.close();
    });

    it('takes http for ws', async () => {
      const socket = new WS(`${env.push}/streams/ws/echo`);
      expect(socket.url).to.equal(wsUrl('echo'));
      await next(socket, 'open');
      socket.close();
    });

    for (const url of [
      'http://[',
      'ftp://push.hadoken.localhost/',
      'mailto:a@b',
      `${wsUrl('echo')}#a`,
      `${wsUrl('echo')}#`,
    ])
      it(`throws a SyntaxError for the URL ${url}`, () => {
        const error = thrown(() => new WS(url)) as DOMException;
        expect(error).to.be.instanceOf(DOMException);
        expect(error.name).to.equal('SyntaxError');
      });

    for (const url of [
      'blob:http://a/b',
      'data:text/plain,',
      'about:blank',
      'file:///a',
      'javascript:1',
      'wsx://a',
    ])
      it(`throws a SyntaxError for the scheme of ${url}`, () => {
        expect((thrown(() => new WS(url)) as DOMException).name).to.equal('SyntaxError');
      });

    for (const protocols of [
      ...[
        '',
        'a b',
        'a,b',
        'ä',
        'a\nb',
        '\n',
        'a\n',
        'a\r',
        'a\0',
        'a\tb',
        '\x7f',
        'a\u2028b',
        '[object Object]',
      ],
      ...[
        ['a', 'a'],
        ['a', ''],
        ['a/b'],
        ['a\n'],
        ['a\nb'],
        ['a', 'b', 'a'],
        ['a', 'b\nc'],
        ['a@b'],
        ['a;b'],
      ],
    ])
      it(`throws a SyntaxError for the subprotocols ${JSON.stringify(protocols)}`, () => {
        const error = thrown(() => new WS(wsUrl('echo'), protocols)) as DOMException;
        expect(error.name).to.equal('SyntaxError');
      });

    for (const character of '()<>@,;:\\"/[]?={} ')
      it(`throws a SyntaxError for the separator ${character} in a subprotocol`, () => {
        const error = thrown(() => new WS(wsUrl('echo'), `a${character}b`)) as DOMException;
        expect(error.name).to.equal('SyntaxError');
      });

    it('takes what can be iterated over for a list of subprotocols, and anything else for one', () => {
      const withProtocols = (protocols: unknown): WebSocket => new WS(wsUrl('echo'), protocols as string);
      for (const protocols of [
        ...[undefined, null, 5, 'mqtt', [], ['a', 'A'], [1], [null], [undefined], [['a']]],
        ...[new Set(['a', 'b']), { toString: () => 'token' }, { *[Symbol.iterator]() {} }],
      ])
        withProtocols(protocols).close();
      for (const protocols of [Symbol('s'), [Symbol('s')], [Object.create(null)], Object.create(null)])
        expect(thrown(() => withProtocols(protocols))).to.be.instanceOf(TypeError);
      for (const protocols of [{}, () => {}, new Set(['a b']), [['a', 'b']]])
        expect((thrown(() => withProtocols(protocols)) as DOMException).name).to.equal('SyntaxError');
    });

    it('agrees on a subprotocol', async () => {
      const socket = await opened('echo?protocol=v2', ['v1', 'v2', "!#$%&'*+-.^_`|~9"]);
      expect(socket.protocol).to.equal('v2');
    });

    it('takes one subprotocol as a string', async () => {
      expect((await opened('echo', 'mqtt')).protocol).to.equal('mqtt');
    });

    it('fails when the server picks a subprotocol that was not offered', async () => {
      const socket = make('echo?protocol=other', ['v1']);
      const seen = record(socket, ['open', 'error', 'close']);
      const { code } = await next<CloseEvent>(socket, 'close');
      expect(code).to.equal(1006);
      expect(seen).to.deep.equal(['error 3', 'close 3']);
    });

    it('opens', async () => {
      const socket = make();
      const event = await next<Event>(socket, 'open');
      expect(event.constructor).to.equal(Event);
      expect([event.target, event.bubbles, event.cancelable]).to.deep.equal([socket, false, false]);
      expect(socket.readyState).to.equal(1);
    });

    it('tells which extensions were agreed on', async () => {
      expect((await opened()).extensions).to.match(/^permessage-deflate/);
    });

    it('gives a message with its data and origin', async () => {
      const socket = await opened();
      socket.send('hello');
      const event = await next(socket);
      expect(event).to.be.instanceOf(MessageEvent);
      const { data, origin, lastEventId, source, ports, bubbles, cancelable } = event;
      expect({ data, origin, lastEventId, source, ports: [...ports], bubbles, cancelable }).to.deep.equal({
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
      const assign = (type: unknown): void => void (socket.binaryType = type as BinaryType);
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
      for (const blob of [new Blob(['ab', 'c']), new File(['abc'], 'name.txt', { type: 'text/plain' })]) {
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

    it('counts what is sent in bufferedAmount at once, and what has left off it', async () => {
      const socket = await opened('measure');
      socket.send('grün');
      expect(socket.bufferedAmount).to.equal(5);
      socket.send(new Blob(['12345']));
      socket.send(new Uint8Array(new ArrayBuffer(100), 10, 10));
      socket.send(new ArrayBuffer(7));
      expect(socket.bufferedAmount).to.equal(27);
      await until(() => socket.bufferedAmount === 0);
    });

    it('keeps what a server does not take in bufferedAmount', async () => {
      const socket = await opened('deaf');
      const chunk = new Uint8Array(1_000_000).map(() => Math.random() * 256);
      // Engines and the system take tens of megabytes themselves before they stop.
      for (let i = 0; i < 64; i++) socket.send(chunk);
      await settle(500);
      expect(socket.bufferedAmount).to.be.greaterThan(0);
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

    // The engines' own send nothing of the first two, and throw a TypeError for the others.
    if (side === 'hadoken')
      it('throws for buffers that are detached or shared, and counts nothing', async () => {
        const socket = await opened();
        const view = new Uint8Array(4);
        structuredClone(view.buffer, { transfer: [view.buffer] });
        const memory = { initial: 1, maximum: 1, shared: true };
        const shared = new WebAssembly.Memory(memory).buffer;
        for (const data of [view, view.buffer, new Uint8Array(shared), shared])
          expect(thrown(() => socket.send(data as ArrayBuffer))).to.be.ok;
        expect(socket.bufferedAmount).to.equal(0);
        socket.send('still here');
        expect((await next(socket)).data).to.equal('still here');
      });

    it('throws an InvalidStateError for send() while it is connecting', () => {
      const socket = make();
      const error = thrown(() => socket.send('early')) as DOMException;
      expect(error).to.be.instanceOf(DOMException);
      expect([error.name, error.code]).to.deep.equal(['InvalidStateError', DOMException.INVALID_STATE_ERR]);
    });

    it('throws an InvalidAccessError for a code that close() does not take', async () => {
      const socket = await opened();
      const connecting = make('never');
      for (const each of [socket, connecting])
        for (const code of [
          ...[0, -1, 1, 999, 1001, 1001.5, 1005, 2999, 5000, 65_535, 66_536, 2 ** 32 + 1000, Number.NaN],
          ...[Infinity, -Infinity, null, true, '', 'a', '1001', {}, [], [1000, 1000]],
        ]) {
          const error = thrown(() => each.close(code as number)) as DOMException;
          expect(error?.name, String(code)).to.equal('InvalidAccessError');
        }
      expect([socket.readyState, connecting.readyState]).to.deep.equal([1, 0]);
      // Arguments are looked at even when there is nothing left to close.
      socket.close();
      expect((thrown(() => socket.close(1)) as DOMException).name).to.equal('InvalidAccessError');
    });

    it('throws a TypeError for a code that is no number and a reason that is no string', async () => {
      const socket = await opened();
      for (const code of [Symbol('s'), 1000n, Object.create(null)])
        expect(
          thrown(() => socket.close(code as number)),
          String(typeof code),
        ).to.be.instanceOf(TypeError);
      for (const args of [
        [1000, Symbol('s')],
        [1, Symbol('s')],
        [1000, Object.create(null)],
      ])
        expect(thrown(() => socket.close(...(args as [number, string])))).to.be.instanceOf(TypeError);
      expect(socket.readyState).to.equal(1);
    });

    for (const [code, closed] of [
      [1000.4, 1000],
      [1000.5, 1000],
      ['1000', 1000],
      [[4999], 4999],
      [4999.4, 4999],
      [{ valueOf: () => 3000 }, 3000],
      // Only Firefox's own rounds as WebIDL says; the others' cut off.
      ...((side === 'hadoken' || env.engine === 'firefox'
        ? [
            [999.5, 1000],
            [2999.5, 3000],
          ]
        : []) as [number, number][]),
    ] as const)
      it(`rounds the code of close(${JSON.stringify(code)})`, async () => {
        const socket = await opened();
        socket.close(code as number);
        expect((await next<CloseEvent>(socket, 'close')).code).to.equal(closed);
      });

    it('takes a reason for the string that it can be', async () => {
      for (const [reason, received] of [
        [undefined, ''],
        [null, 'null'],
        [7, '7'],
        [['a', 'b'], 'a,b'],
        ['\ud800', '\ufffd'],
        ['\ud800'.repeat(41), '\ufffd'.repeat(41)],
      ] as const) {
        const socket = await opened();
        socket.close(1000, reason as string);
        expect((await next<CloseEvent>(socket, 'close')).reason).to.equal(received);
      }
      const socket = await opened();
      const error = thrown(() => socket.close(1000, '\ud800'.repeat(42))) as DOMException;
      expect(error.name).to.equal('SyntaxError');
    });

    it('closes without a code where there is only a reason', async () => {
      // Chromium's own throws an InvalidAccessError for that.
      if (side === 'platform' && env.engine === 'chromium') return;
      const socket = await opened();
      socket.close(undefined, 'why');
      const { code, reason, wasClean } = await next<CloseEvent>(socket, 'close');
      expect({ code, reason, wasClean }).to.deep.equal({ code: 1005, reason: '', wasClean: true });
    });

    it('throws a SyntaxError for a reason of more than 123 bytes', async () => {
      const socket = await opened();
      for (const reason of ['a'.repeat(124), `${'ü'.repeat(61)}ab`])
        expect((thrown(() => socket.close(1000, reason)) as DOMException).name).to.equal('SyntaxError');
      socket.close(1000, `${'ü'.repeat(61)}a`);
      expect((await next<CloseEvent>(socket, 'close')).reason).to.equal(`${'ü'.repeat(61)}a`);
    });

    it('closes with a code and a reason', async () => {
      const socket = await opened();
      const seen = record(socket, ['error', 'close']);
      socket.close(4_999, 'bye ü');
      expect(socket.readyState).to.equal(2);
      const event = await next<CloseEvent>(socket, 'close');
      expect(event).to.be.instanceOf(CloseEvent);
      const { code, reason, wasClean } = event;
      expect({ code, reason, wasClean }).to.deep.equal({ code: 4_999, reason: 'bye ü', wasClean: true });
      expect(seen).to.deep.equal(['close 3']);
    });

    it('closes without a code', async () => {
      const socket = await opened();
      socket.close();
      const { code, reason, wasClean } = await next<CloseEvent>(socket, 'close');
      expect({ code, reason, wasClean }).to.deep.equal({ code: 1005, reason: '', wasClean: true });
    });

    it('sends what was sent before close()', async () => {
      const socket = await opened('measure');
      socket.send('abc');
      socket.close();
      expect((await next<CloseEvent>(socket, 'close')).wasClean).to.equal(true);
      expect(socket.bufferedAmount).to.equal(0);
    });

    it('gives no message after close()', async () => {
      const socket = await opened();
      const seen = record(socket, ['message', 'close']);
      socket.send('a');
      socket.close();
      await next(socket, 'close');
      expect(seen).to.deep.equal(['close 3']);
    });

    it('says why the server closed', async () => {
      const socket = await opened();
      const seen = record(socket, ['error', 'close']);
      socket.send('close 4001 enough');
      const { code, reason, wasClean } = await next<CloseEvent>(socket, 'close');
      expect({ code, reason, wasClean }).to.deep.equal({ code: 4001, reason: 'enough', wasClean: true });
      expect(seen).to.deep.equal(['close 3']);
    });

    it('says 1005 where the server closed without a code', async () => {
      const socket = await opened();
      socket.send('close');
      expect((await next<CloseEvent>(socket, 'close')).code).to.equal(1005);
    });

    it('gives the last message before the close event', async () => {
      const socket = make('burst?count=50');
      const seen = record(socket, ['open', 'message', 'close']);
      const { code, reason } = await next<CloseEvent>(socket, 'close');
      expect([code, reason]).to.deep.equal([1000, 'done']);
      expect(seen).to.deep.equal(['open 1', ...Array(50).fill('message 1'), 'close 3']);
    });

    it('says 1006 when the connection is lost', async () => {
      const socket = await opened();
      socket.send('drop');
      const { code, reason, wasClean } = await next<CloseEvent>(socket, 'close');
      expect({ code, reason, wasClean }).to.deep.equal({ code: 1006, reason: '', wasClean: false });
      expect(socket.readyState).to.equal(3);
    });

    it('fails with an error and 1006 when the server refuses it', async () => {
      const socket = make('refuse');
      const seen = record(socket, ['open', 'error', 'close']);
      const error = await next<Event>(socket, 'error');
      expect(error.cancelable).to.equal(false);
      // The platform's tasks leave time to listen from one event to the other.
      const { code, wasClean } = await next<CloseEvent>(socket, 'close');
      expect({ code, wasClean }).to.deep.equal({ code: 1006, wasClean: false });
      expect(seen).to.deep.equal(['error 3', 'close 3']);
    });

    for (const name of ['never', 'echo'])
      it(`fails at close() while it is connecting (${name})`, async () => {
        const socket = make(name);
        const seen = record(socket, ['open', 'error', 'close']);
        socket.close();
        expect(socket.readyState).to.equal(2);
        const { code, wasClean } = await next<CloseEvent>(socket, 'close');
        expect({ code, wasClean }).to.deep.equal({ code: 1006, wasClean: false });
        await settle();
        expect(seen).to.deep.equal(['error 3', 'close 3']);
      });

    it('fails at a late close() while it is connecting', async () => {
      const socket = make('never');
      const seen = record(socket, ['open', 'error', 'close']);
      await settle();
      socket.close(1000, 'not needed');
      await next(socket, 'close');
      await settle();
      expect(seen).to.deep.equal(['error 3', 'close 3']);
    });

    it('ends in tasks of their own after close() while it is connecting, with plain events', async () => {
      const socket = make('never');
      const seen: string[] = [];
      socket.close();
      await Promise.resolve();
      socket.onerror = (event) => {
        seen.push(`${event.constructor.name} ${socket.readyState}`);
        Promise.resolve().then(() => seen.push('settled'));
      };
      socket.onclose = () => seen.push('close');
      await next(socket, 'close');
      expect(seen).to.deep.equal(['Event 3', 'settled', 'close']);
    });

    it('takes a second close() for nothing', async () => {
      const socket = await opened();
      const seen = record(socket, ['error', 'close']);
      socket.close(4000, 'first');
      socket.close(4001, 'second');
      expect((await next<CloseEvent>(socket, 'close')).code).to.equal(4000);
      socket.close();
      await settle();
      expect(seen).to.deep.equal(['close 3']);
    });

    it('can be extended', async () => {
      class Shouting extends WS {
        override send(data: string): void {
          super.send(data.toUpperCase());
        }
      }
      const socket = new Shouting(wsUrl('echo'));
      await next(socket, 'open');
      socket.send('hey');
      expect((await next(socket)).data).to.equal('HEY');
      socket.close();
    });

    // WebKit's own counts the frames' heads too, while it is closing.
    if (side === 'hadoken' || env.engine !== 'webkit')
      it('counts what is sent after the end, and sends nothing', async () => {
        const socket = await opened();
        socket.close();
        socket.send('abc');
        expect(socket.bufferedAmount).to.equal(3);
        await next(socket, 'close');
        socket.send('abc');
        expect(socket.bufferedAmount).to.equal(6);
      });

    describe('its handlers', () => {
      const dispatch = (socket: WebSocket): Event => {
        const event = new Event('message', { cancelable: true });
        socket.dispatchEvent(event);
        return event;
      };

      it('are null until they are set, and for what is no object', () => {
        const socket = make();
        for (const key of ['onopen', 'onmessage', 'onerror', 'onclose'] as const) {
          expect(socket[key]).to.equal(null);
          const handler = (): void => {};
          socket[key] = handler;
          expect(socket[key]).to.equal(handler);
          socket[key] = 'no function' as never;
          expect(socket[key]).to.equal(null);
          const object = { handleEvent() {} };
          socket[key] = object as never;
          expect(socket[key]).to.equal(object);
          socket[key] = null;
          expect(socket[key]).to.equal(null);
        }
      });

      it('are called with the socket as this', () => {
        const socket = make();
        let self: unknown;
        socket.onmessage = function () {
          self = this;
        };
        dispatch(socket);
        expect(self).to.equal(socket);
      });

      it('keep their place among the listeners when they are replaced, and lose it with null', () => {
        const socket = make();
        const calls: string[] = [];
        socket.onmessage = () => calls.push('first handler');
        socket.addEventListener('message', () => calls.push('listener'));
        socket.onmessage = () => calls.push('handler');
        dispatch(socket);
        socket.onmessage = null;
        dispatch(socket);
        socket.onmessage = () => calls.push('handler');
        dispatch(socket);
        expect(calls).to.deep.equal(['handler', 'listener', 'listener', 'listener', 'handler']);
      });

      it('that are objects are not called', () => {
        const socket = make();
        let called = false;
        socket.onmessage = {
          handleEvent() {
            called = true;
          },
        } as never;
        dispatch(socket);
        expect(called).to.equal(false);
      });

      it('prevent the default by returning false', () => {
        const socket = make();
        socket.onmessage = () => undefined;
        expect(dispatch(socket).defaultPrevented).to.equal(false);
        socket.onmessage = () => false;
        expect(dispatch(socket).defaultPrevented).to.equal(true);
      });
    });
  });
}
