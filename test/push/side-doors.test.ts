import { expect } from '@esm-bundle/chai';
import { io as original } from 'socket.io-client';
import { connect } from '../../src/parent/index.ts';
import { next, pause } from '../compliance/push/both.ts';
import { env, frameUrl, uniqueId, until } from '../support/env.ts';

/** Everything that `value` says, as deep as it goes: members that are not enumerable, and bytes, too. */
function textOf(value: unknown, seen = new Set<unknown>()): string {
  if (value instanceof ArrayBuffer) return new TextDecoder().decode(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (seen.has(value)) return '';
  seen.add(value);
  const names = Object.getOwnPropertyNames(value);
  return names
    .map((name) => `${name}: ${textOf((value as Record<string, unknown>)[name], seen)}`)
    .join('\n');
}

/** Records whatever a port brings to this page: an allowed page may put itself before our listeners. */
function recordPorts(): { text(): string; stop(): void } {
  const heard: unknown[] = [];
  const real = globalThis.MessageChannel;
  globalThis.MessageChannel = class extends real {
    constructor() {
      super();
      this.port1.addEventListener('message', ({ data }) => heard.push(data));
    }
  };
  return {
    text: () => textOf(heard),
    stop: () => {
      globalThis.MessageChannel = real;
    },
  };
}

/** Every event of an emitter of ours, by a page that listens to all names it can think of and patches `emit`. */
function recordEvents(emitter: object): unknown[] {
  const heard: unknown[] = [];
  const patched = emitter as {
    emit(...args: unknown[]): unknown;
    on(name: string, listener: unknown): void;
  };
  const emit = patched.emit;
  patched.emit = function (...args) {
    heard.push(args);
    return emit.apply(this, args);
  };
  for (const name of NAMES) patched.on(name, (...args: unknown[]) => heard.push([name, args]));
  return heard;
}

const NAMES =
  'open close error upgrade upgrading upgradeError handshake heartbeat ping pong drain flush packet packetCreate data message poll pollComplete success'.split(
    ' ',
  );

/** Does what makes the secrets move, and gives what the page has heard. */
async function listenEverywhere(host: string): Promise<{ text: string; names: string[] }> {
  const ports = recordPorts();
  const hadoken = connect(frameUrl(host), { reconnectionDelay: 20 });
  await hadoken.ready;
  const socket = hadoken.io({ forceNew: true, reconnectionDelay: 30 });
  const manager = socket.io;
  const events = recordEvents(manager);
  const ofEngine: unknown[] = [];
  const listenToEngine = (): void => void ofEngine.push(recordEvents(manager.engine));
  listenToEngine();
  manager.on('reconnect_attempt', () => setTimeout(listenToEngine));
  const told: unknown[] = [];
  for (const name of ['connect', 'connect_error', 'disconnect', 'allowed', 'forbidden'])
    socket.on(name, (...args) => told.push([name, args]));
  socket.onAny((...args) => told.push(args));
  await next(socket, 'connect');
  const chat = manager.socket('/chat');
  await next(chat, 'connect');
  socket.emit(
    'several',
    ['allowed', 1],
    ['forbidden', 'planted-event'],
    ['forbidden', { bytes: 'planted-event' }],
  );
  expect(await socket.emitWithAck('echo', 1)).to.equal(1);
  const closed = next(manager.engine, 'close');
  socket.emit('drop');
  await closed;
  await next(socket, 'connect');
  ports.stop();
  const all = [
    ports.text(),
    events,
    ofEngine,
    told,
    hadoken,
    manager,
    socket,
    chat,
    manager.engine,
    manager.opts,
  ];
  const text = textOf(all);
  const names = ofEngine.flat().map((entry) => String((entry as unknown[])[0]));
  socket.disconnect();
  hadoken.close();
  return { text, names };
}

describe('an allowed page that listens everywhere', () => {
  for (const host of ['push-secrets', 'push-secrets-polling'])
    it(`finds no token, and no event that the rules forbid, with ${host}`, async () => {
      const { text, names } = await listenEverywhere(host);
      expect(text).to.contain('allowed');
      expect(text).not.to.contain('planted');
      // The page's own listener is kept by the name that it was given.
      expect(text.replace('$forbidden', '')).not.to.contain('forbidden');
      expect(names).to.include.members(['heartbeat', 'drain', 'flush', 'close']);
      for (const name of ['packet', 'data', 'message']) expect(names).not.to.include(name);
    });

  it('finds no cookie in the answer that an error of polling brings', async () => {
    const cookie = `planted${Date.now()}`;
    const set = `/cors/api/cookie?name=${cookie}&value=planted-cookie&attributes=HttpOnly`;
    await fetch(env.push + set, { credentials: 'include' });
    const ports = recordPorts();
    const hadoken = connect(frameUrl('push-secrets-error'));
    await hadoken.ready;
    const socket = hadoken.io({ forceNew: true, query: { status: '503' } });
    const events = recordEvents(socket.io);
    const ofEngine = recordEvents(socket.io.engine);
    const [error] = await next(socket, 'connect_error');
    expect(error.message).to.equal('xhr poll error');
    expect(error.context).to.deep.equal({ status: 503 });
    ports.stop();
    const text = textOf([ports.text(), events, ofEngine, error, socket, socket.io]);
    for (const secret of ['planted', 'user-agent', '/api/echo'])
      expect(text).not.to.contain(secret);
    socket.disconnect();
    hadoken.close();
  });

  it('finds no text of the server’s in the way that a connection ends', async () => {
    const hadoken = connect(frameUrl('push-secrets'));
    const socket = hadoken.io({ forceNew: true });
    await next(socket, 'connect');
    socket.emit('hang-up', 4_001, 'planted-reason');
    const [reason, description] = await next(socket, 'disconnect');
    expect(reason).to.equal('transport close');
    expect(description.context.code).to.equal(4_001);
    expect(textOf(description)).not.to.contain('planted');
    socket.disconnect();
    hadoken.close();
  });
});

/** A WebSocket of the page's own to the Socket.IO server, past the frame: what it is told, or 'closed'. */
async function talkDirectly(
  path: string,
  query: string,
  talk: (data: string) => string | undefined,
): Promise<string[]> {
  const heard: string[] = [];
  const url = `${env.push.replace('http', 'ws')}${path}?EIO=4&transport=websocket${query}`;
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    heard.push(data);
    const answer = talk(data);
    if (answer) socket.send(answer);
  };
  socket.onopen = () => query && socket.send('2probe');
  socket.onclose = () => heard.push('closed');
  await until(
    () =>
      heard.includes('closed') || heard.some((data) => data.startsWith('40') || data === '3probe'),
  );
  socket.onclose = null;
  socket.close();
  return heard;
}

describe('a page that knows what the frame lets it know of a session', () => {
  type Side = [
    name: string,
    open: (recovering: boolean) => ReturnType<typeof original>,
    close: () => void,
  ];
  const sides = (): Side[] => {
    const plain = connect(frameUrl('push-plain'));
    const recovering = connect(frameUrl('push-recovery'));
    const ours = { forceNew: true, reconnection: false };
    const options = { ...ours, transports: ['websocket'] };
    return [
      [
        'socket.io-client itself',
        (recovers) =>
          original(env.push, { ...options, path: recovers ? '/socket.io/' : '/plain.io/' }),
        () => {},
      ],
      [
        'hadoken.io',
        (recovers) =>
          (recovers ? recovering : plain).io(ours) as unknown as ReturnType<typeof original>,
        () => {
          plain.close();
          recovering.close();
        },
      ],
    ];
  };

  it('takes over no connection by its engine’s id, as it could with the original’s', async () => {
    for (const [name, open, close] of sides()) {
      const socket = open(false);
      await next(socket, 'connect');
      const { id } = socket.io.engine;
      expect(id).to.be.a('string').and.not.equal(socket.id);
      const heard = await talkDirectly('/plain.io/', `&sid=${id}`, () => undefined);
      // The server's yes to a second transport for the connection.
      expect([name, heard.includes('3probe')]).to.deep.equal([name, name !== 'hadoken.io']);
      socket.disconnect();
      close();
    }
  });

  it('takes over no session by what it recovers it with, as it could with the original’s', async () => {
    for (const [name, open, close] of sides()) {
      const socket = open(true);
      const connects: { pid: string }[] = [];
      socket.io.on('packet', (packet) => packet.type === 0 && connects.push(packet.data as never));
      await next(socket, 'connect');
      const { id } = socket;
      const event = uniqueId();
      socket.emit('emit-back', event);
      const [offset] = await next(socket, event);
      if (!connects.length) connects.push({ pid: (socket as never as { _pid: string })._pid });
      const pid = connects[0]?.pid;
      expect(pid).to.be.a('string');
      const lost = next(socket, 'disconnect');
      socket.io.engine.close();
      await lost;
      await pause();
      const heard = await talkDirectly('/socket.io/', '', (data) =>
        data.startsWith('0') ? `40${JSON.stringify({ pid, offset })}` : undefined,
      );
      const answer = JSON.parse(heard.find((data) => data.startsWith('40'))?.slice(2) ?? '{}');
      expect([name, answer.sid === id]).to.deep.equal([name, name !== 'hadoken.io']);
      close();
    }
  });

  it('recovers a session by it all the same', async () => {
    const hadoken = connect(frameUrl('push-recovery'));
    const socket = hadoken.io({ forceNew: true, reconnectionDelay: 30 });
    await next(socket, 'connect');
    const { id } = socket;
    const event = uniqueId();
    socket.emit('emit-back', event);
    await next(socket, event);
    for (let i = 0; i < 2; i++) {
      socket.io.engine.close();
      await next(socket, 'connect');
      expect(socket.recovered).to.equal(true);
      expect(socket.id).to.equal(id);
    }
    socket.disconnect().connect();
    await next(socket, 'connect');
    expect(socket.recovered).to.equal(false);
    hadoken.close();
  });

  it('has an auth of its own with a pid of another meaning', async () => {
    const hadoken = connect(frameUrl('push-recovery'));
    const socket = hadoken.io({ forceNew: true, auth: { pid: 'product 7', offset: 3 } });
    const { auth } = await socket.emitWithAck('whoami');
    expect(auth).to.deep.equal({ pid: 'product 7', offset: 3 });
    hadoken.close();
  });
});
