import { expect } from '@esm-bundle/chai';
import { connect, HadokenError } from '../../src/parent/index.ts';
import { next, pause } from '../compliance/push/both.ts';
import { env, frameUrl } from '../support/env.ts';

describe('the rules of push', () => {
  const hadoken = connect(frameUrl('push-rules'));
  const options = { forceNew: true, reconnectionDelay: 30 };
  const opened: ReturnType<typeof hadoken.io>[] = [];
  const open = (uri?: string, more?: object): ReturnType<typeof hadoken.io> => {
    const socket = hadoken.io(uri, { ...options, ...more });
    opened.push(socket);
    return socket;
  };
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.disconnect();
    await pause(20);
  });
  after(() => hadoken.close());

  it('let the events through that they name, and no other, in either direction', async () => {
    const socket = open();
    const seen: string[] = [];
    socket.onAny((event) => seen.push(event));
    socket.emit('several', ['allowed', 1], ['forbidden', 2]);
    expect(await socket.emitWithAck('echo', 1)).to.equal(1);
    expect(seen).to.deep.equal(['allowed']);
    const refused = next(socket.io, 'error');
    socket.emit('note', 'forbidden', 1);
    const [error] = await refused;
    expect(error).to.be.instanceOf(HadokenError);
    expect(error.code).to.equal('POLICY_REFUSED');
    expect(error.message).to.contain("'note'");
    expect(socket.connected).to.equal(true);
  });

  it('tell who waits for an acknowledgement of what they refuse', async () => {
    const socket = open();
    await next(socket, 'connect');
    const refused = await socket.emitWithAck('note', 'forbidden', 1).catch((error) => error);
    expect(refused).to.be.instanceOf(HadokenError);
    expect(refused.code).to.equal('POLICY_REFUSED');
    const told = await new Promise<Error>((resolve) => socket.timeout(5_000).emit('note', resolve));
    expect(told.message).to.equal(refused.message);
    // As at a disconnect: an acknowledgement that takes no error is not called.
    let called = false;
    socket.emit('note', () => {
      called = true;
    });
    expect(await socket.emitWithAck('echo', 2)).to.equal(2);
    expect(called).to.equal(false);
  });

  it('refuse a namespace that they do not name, or that is false', async () => {
    for (const name of ['/any-thing', '/off', '/__proto__', '/constructor']) {
      const socket = open(name);
      const [error] = await next(socket, 'connect_error');
      expect(error).to.be.instanceOf(HadokenError);
      expect(error.code).to.equal('POLICY_REFUSED');
      expect(error.message).to.contain(name);
      expect(socket.active).to.equal(false);
    }
  });

  it('refuse a server other than the frame’s', async () => {
    for (const uri of [
      `${env.other}/chat`,
      'https://evil.example/',
      '//evil.example/chat',
      'evil.example',
    ]) {
      const [error] = await next(open(uri), 'connect_error');
      expect(error.code).to.equal('POLICY_REFUSED');
    }
  });

  it('accept a uri that names the frame’s own server', async () => {
    const socket = open(`${env.push}/chat`);
    expect((await socket.emitWithAck('whoami')).nsp).to.equal('/chat');
  });

  it('leave path and transports to the frame', async () => {
    const socket = open('/chat', {
      path: '/elsewhere/',
      transports: ['polling'],
      extraHeaders: { a: 'b' },
    });
    const { transport, headers } = await socket.emitWithAck('whoami');
    expect(transport).to.equal('websocket');
    expect(headers).not.to.have.property('a');
  });

  it('merge the frame’s auth over the page’s, and the page never sees it', async () => {
    const socket = open('/auth', { auth: { token: 'wrong', name: 'Ada' } });
    const { auth } = await socket.emitWithAck('whoami');
    expect(auth).to.deep.equal({ token: 'secret', name: 'Ada', origin: env.app });
    expect(socket.auth).to.deep.equal({ token: 'wrong', name: 'Ada' });
  });

  it('tell a page that auth of host.js failed, and keep why on the frame’s console', async () => {
    const failing = connect(frameUrl('push-auth-fails'));
    const socket = failing.io(options);
    const [error] = await next(socket, 'connect_error');
    expect(error).to.be.instanceOf(HadokenError);
    expect(error.code).to.equal('HOST_FAILED');
    expect(error.message).to.contain('auth').and.not.contain('planted');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.to.contain('planted-data');
    // What it asks may be back in a moment.
    expect(socket.active).to.equal(true);
    await next(socket, 'connect_error');
    failing.close();
  });

  for (const [how, more] of [
    ['on a connection each', {}],
    ['on one connection', { forceNew: false }],
  ] as const)
    it(`bound how many sockets a page has open ${how}, and give places back`, async () => {
      const [a, b] = [open('/', more), open('/chat', more)];
      await Promise.all([next(a, 'connect'), next(b, 'connect')]);
      const third = open('/auth', more);
      const [error] = await next(third, 'connect_error');
      expect(error.code).to.equal('LIMIT_EXCEEDED');
      expect(error.message).to.contain('limits.sockets');
      b.disconnect();
      await pause(20);
      third.connect();
      await next(third, 'connect');
    });

  it('refuse all of it where host.js says nothing of io', async () => {
    const none = connect(frameUrl('push-none'));
    const [error] = await next(none.io(), 'connect_error');
    expect(error.code).to.equal('POLICY_REFUSED');
    expect(error.message).to.contain('io: true');
    none.close();
  });
});
