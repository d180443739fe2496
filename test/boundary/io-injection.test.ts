import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { readPushCommand } from '../../src/rpc/wire/push-commands.ts';
import { next, pause } from '../compliance/push/both.ts';
import { control, env, frameUrl, uniqueId } from '../support/env.ts';

/** engine.io's separator of packets in a payload of the transport polling. */
const RS = '\x1e';
/** Neither has a comma in it, which a namespace must not have. `6` is engine.io's noop: it takes what follows. */
const LEAVE = `/any-a${RS}41${RS}6`;
const AS_ADMIN = `/any-b${RS}40{"origin":"https://admin.example.com"}${RS}6`;

/**
 * `protocols` is the page's to choose, and goes with the WebSocket alone: a header that is too long for the server makes
 * that fail, and polling is next.
 */
const TO_POLLING = { protocols: ['a'.repeat(20_000)], forceNew: true };

describe('the name of a namespace', () => {
  const isTaken = (nsp: string): boolean =>
    !!readPushCommand({ type: 'packet', manager: 0, connection: 1, packet: { type: 0, nsp } });
  for (const nsp of ['/', '/chat', '/Zürich', '/東京', '/👩‍👧', '/a b', '/a?b=c', '/any-%1e'])
    it(`may be ${nsp}`, () => {
      expect(isTaken(nsp)).to.equal(true);
    });
  for (const inner of [',', RS, '\0', '\n', '\r', '\x1f', '\x7f', '\x85', '\ud800', '\udc00'])
    it(`has no ${JSON.stringify(inner)} in it`, () => {
      for (const nsp of [`/a${inner}b`, `/${inner}`, `/a${inner}`])
        expect(isTaken(nsp), JSON.stringify(nsp)).to.equal(false);
    });
});

describe('a namespace with a record separator in it', () => {
  for (const host of ['io-auth-polling', 'io-auth', 'io-auth-named'])
    it(`does not connect the page as somebody else than auth of host.js says: ${host}`, async () => {
      const hadoken = connect(frameUrl(host), { log: 'silent' });
      const manager = new hadoken.Manager(TO_POLLING as never);
      const socket = manager.socket('/');
      await next(socket, 'connect');
      const before = await socket.emitWithAck('whoami');
      expect(before.transport).to.equal('polling');
      expect(before.auth).to.deep.equal({ origin: env.app });
      manager.socket(LEAVE).connect();
      await pause(300);
      manager.socket(AS_ADMIN).connect();
      await pause(300);
      const after = await socket.timeout(9_000).emitWithAck('whoami');
      hadoken.close();
      expect(after.auth).to.deep.equal({ origin: env.app });
    });

  it('is no more than a name to a WebSocket', async () => {
    const hadoken = connect(frameUrl('io-auth'), { log: 'silent' });
    const manager = new hadoken.Manager({ forceNew: true } as never);
    const socket = manager.socket('/');
    await next(socket, 'connect');
    manager.socket(LEAVE).connect();
    await pause(200);
    manager.socket(AS_ADMIN).connect();
    await pause(200);
    const { auth, transport } = await socket.timeout(9_000).emitWithAck('whoami');
    hadoken.close();
    expect([transport, auth]).to.deep.equal(['websocket', { origin: env.app }]);
  });

  it('connects to no namespace that the page has not asked the frame for', async () => {
    const hadoken = connect(frameUrl('io-auth-polling'), { log: 'silent' });
    const manager = new hadoken.Manager(TO_POLLING as never);
    const id = uniqueId();
    const room = `/any-${id}`;
    manager.socket(`/any-c${RS}40${room}${RS}6`).connect();
    await pause(500);
    const { clients } = await control('io/clients');
    hadoken.close();
    expect(clients[room] ?? []).to.deep.equal([]);
  });

  it('does not open more sockets than limits.sockets', async () => {
    const hadoken = connect(frameUrl('io-auth-polling'), { log: 'silent' });
    const manager = new hadoken.Manager(TO_POLLING as never);
    const id = uniqueId();
    const names = Array.from({ length: 20 }, (_, i) => `/any-${id}-${i}`);
    const socket = manager.socket(['/any-a', ...names.map((name) => `40${name}`), '6'].join(RS));
    socket.connect();
    await pause(700);
    const { clients } = await control('io/clients');
    hadoken.close();
    const opened = names.filter((name) => clients[name]?.length);
    expect(opened).to.deep.equal([]);
  });
});
