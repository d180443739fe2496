import { expect } from '@esm-bundle/chai';
import { env } from '../../support/env.ts';
import { next, record, thrown, wsUrl } from '../../support/streams.ts';
import { describeSockets } from './sockets.ts';

describeSockets('from its constructor to its opening', (on) => {
  const { make, opened } = on;

  it('is named as the platform names it', () => {
    const socket = make();
    expect(on.WS.name).to.equal('WebSocket');
    expect(String(socket)).to.equal('[object WebSocket]');
    expect(socket).to.be.instanceOf(on.WS).and.instanceOf(EventTarget);
    expect(socket.constructor).to.equal(on.WS);
    expect(Object.keys(socket)).to.deep.equal([]);
  });

  it('has its constants on the class and on the prototype, readonly', () => {
    for (const target of [on.WS, on.WS.prototype]) {
      const { CONNECTING, OPEN, CLOSING, CLOSED } = target;
      expect([CONNECTING, OPEN, CLOSING, CLOSED]).to.deep.equal([0, 1, 2, 3]);
      expect(thrown(() => Object.assign(target, { OPEN: 7 }))).to.be.instanceOf(TypeError);
    }
  });

  it("has every member of the engine's own, and attributes that can't be set", () => {
    const socket = make();
    for (const key in WebSocket.prototype) expect(key in on.WS.prototype, key).to.equal(true);
    expect(thrown(() => Object.assign(socket, { readyState: 1 }))).to.be.instanceOf(TypeError);
    expect(thrown(() => Reflect.get(on.WS.prototype, 'url', {}))).to.be.instanceOf(TypeError);
  });

  it('is a constructor, and nothing to be called', () => {
    expect(
      thrown(() => (on.WS as unknown as (url: string) => void)(wsUrl('echo'))),
    ).to.be.instanceOf(TypeError);
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
    const socket = new on.WS(new URL(wsUrl('echo')));
    await next(socket, 'open');
    socket.close();
  });

  it('takes http for ws', async () => {
    const socket = new on.WS(`${env.push}/streams/ws/echo`);
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
      const error = thrown(() => new on.WS(url)) as DOMException;
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
      expect((thrown(() => new on.WS(url)) as DOMException).name).to.equal('SyntaxError');
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
      const error = thrown(() => new on.WS(wsUrl('echo'), protocols)) as DOMException;
      expect(error.name).to.equal('SyntaxError');
    });

  for (const character of '()<>@,;:\\"/[]?={} ')
    it(`throws a SyntaxError for the separator ${character} in a subprotocol`, () => {
      const error = thrown(() => new on.WS(wsUrl('echo'), `a${character}b`)) as DOMException;
      expect(error.name).to.equal('SyntaxError');
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

  it('can be extended', async () => {
    class Shouting extends on.WS {
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
});
