/** Listeners in a page with zone.js, as Angular has it: they run where those of socket.io-client run. */
import { expect } from '@esm-bundle/chai';
import type { Hadoken, Socket } from '../../src/parent/index.ts';
import { env, frameUrl, until } from '../support/env.ts';
import { type InnerPage, openInnerPage, runScripts } from '../support/inner-page.ts';

type Zone = { name: string; run<T>(run: () => T): T; fork(spec: object): Zone };
type Io = ((nsp: string, options?: object) => Socket) & { Socket: { prototype: object } };

const MESSAGES = 'zone.js/bundles/zone-patch-message-port.umd.js';
const PLUGIN = 'zone.js/bundles/zone-patch-socket-io.umd.js';
const html = '<!doctype html><title>t</title><body>';

describe('a page with zone.js', () => {
  let page: InnerPage;
  afterEach(() => {
    page.window.hadoken.close();
    page.close();
  });

  /** `[npm's socket.io-client, ours]`; each takes a namespace. */
  async function openClients(
    frame = 'push-plain',
    ...patches: string[]
  ): Promise<[theirs: Io, ours: Io]> {
    page = await openInnerPage(html);
    await runScripts(page, 'zone.js/bundles/zone.umd.js', ...patches);
    await runScripts(page, 'socket.io-client/dist/socket.io.js');
    const { window } = page;
    const { io } = window;
    const script = await (await fetch('/dist/hadoken.js')).text();
    window.eval(script);
    Object.assign(window, { hadoken: window.hadoken.connect(frameUrl(frame)) });
    const hurried = { reconnectionDelay: 30, randomizationFactor: 0, forceNew: true };
    const plain = { ...hurried, path: '/plain.io/', transports: ['websocket'] };
    const { io: own } = window.hadoken;
    return [
      Object.assign(
        (nsp: string, options?: object) => io(env.push + nsp, { ...plain, ...options }),
        {
          Socket: io.Socket,
        },
      ),
      Object.assign((nsp: string, options?: object) => own(nsp, { ...hurried, ...options }), {
        Socket: own.Socket,
      }),
    ];
  }

  it('has no timer of the connection in the zone that connects, which could not be stable else', async () => {
    await openClients('everything');
    const { window } = page;
    window.hadoken.close();
    window.eval(await (await fetch('/dist/hadoken.js')).text());
    const { Zone } = window as unknown as { Zone: { current: Zone } };
    const timers: string[] = [];
    type Task = { type: string; source: string };
    type Delegate = { scheduleTask(target: Zone, task: Task): Task };
    const zone = Zone.current.fork({
      name: 'mine',
      onScheduleTask(delegate: Delegate, _current: Zone, target: Zone, task: Task): Task {
        if (task.type === 'macroTask') timers.push(task.source);
        return delegate.scheduleTask(target, task);
      },
    });
    // A tab in the background, where the page looks by a timer whether it has the focus.
    Object.defineProperty(window.Document.prototype, 'hasFocus', { value: () => false });
    const { connect } = window.hadoken;
    const hadoken = zone.run(() => connect(`${frameUrl('everything')}?zone`));
    Object.assign(window, { hadoken });
    await hadoken.ready;
    expect(timers).to.deep.equal([]);
    zone.run(() => window.setTimeout(() => {}));
    expect(timers, 'the zone counts timers').to.deep.equal(['setTimeout']);
  });

  it('has listeners of progress and of the handle run where they were given', async () => {
    await openClients('everything');
    const { Zone, hadoken } = page.window as unknown as {
      Zone: { current: Zone };
      hadoken: Hadoken;
    };
    const ran: string[] = [];
    const zone = Zone.current.fork({ name: 'mine' });
    const note = (what: string) => (): void => {
      ran.push(`${what}: ${Zone.current.name}`);
    };
    await zone.run(async () => {
      hadoken.on('disconnect', note('disconnect'));
      hadoken.once('connect', note('connect'));
      const response = hadoken.fetch('/api/bytes/300000', { onDownloadProgress: note('down') });
      const upload = hadoken.fetch('/api/echo', {
        method: 'POST',
        body: 'x'.repeat(100_000),
        onUploadProgress: note('up'),
      });
      await (await response).arrayBuffer();
      await (await upload).arrayBuffer();
    });
    hadoken.close();
    await until(() => ran.some((what) => what.startsWith('disconnect')));
    expect([...new Set(ran)]).to.have.members(
      ['connect', 'down', 'up', 'disconnect'].map((what) => `${what}: mine`),
    );
  });

  /** Where everything runs that a socket brings about: `what: zone`. */
  async function listen(io: Io): Promise<{ ran: string[]; handled: string[] }> {
    const { Zone } = page.window as unknown as { Zone: { current: Zone } };
    const ran: string[] = [];
    const handled: string[] = [];
    const fork = (name: string): Zone =>
      Zone.current.fork({
        name,
        onHandleError(_parent: unknown, _current: unknown, _target: unknown, error: unknown) {
          handled.push(`${name}: ${Object(Object(error).rejection ?? error).message}`);
          return false;
        },
      });
    const [opener, adder] = [fork('opener'), fork('adder')];
    const note = (what: string) => (): void => {
      ran.push(`${what}: ${Zone.current.name}`);
    };
    const socket = opener.run(() => io('/'));
    adder.run(() => {
      socket.on('connect', note('connect'));
      socket.once('number', note('once'));
      socket.on('number', note('event'));
      socket.onAny(note('any'));
      socket.on('disconnect', note('disconnect'));
      socket.io.on('reconnect_attempt', note('attempt'));
      socket.io.on('reconnect', note('reconnect'));
      const gone = note('gone');
      socket.on('number', gone);
      socket.off('number', gone);
      socket.emit('echo', 1, note('ack'));
      void socket.emitWithAck('echo', 1).then(note('promise'));
    });
    await until(() => ran.some((what) => what.startsWith('promise')), 10_000);
    socket.emit('burst', 'number', 1);
    await until(() => ran.some((what) => what.startsWith('event')), 10_000);
    adder.run(() =>
      socket.on('number', () => {
        throw new Error('thrown by a listener');
      }),
    );
    socket.emit('burst', 'number', 1);
    await until(() => handled.length, 10_000);
    socket.emit('drop');
    await until(() => ran.filter((what) => what.startsWith('connect:')).length === 2, 10_000);
    socket.disconnect();
    const refused = opener.run(() => io('/nowhere'));
    refused.on('connect_error', note('refused'));
    await until(() => ran.some((what) => what.startsWith('refused')), 10_000);
    refused.disconnect();
    return { ran: [...new Set(ran)].sort(), handled };
  }

  for (const [what, patches] of Object.entries({
    'as it is': [],
    'with its MessagePort': [MESSAGES],
  }))
    it(`has its listeners run where the connection was opened: ${what}`, async () => {
      const [theirs, ours] = await openClients('push-plain', ...patches);
      const [expected, got] = [await listen(theirs), await listen(ours)];
      expect(expected.ran).to.include('event: opener').and.not.include('event: adder');
      expect(expected.handled).to.deep.equal(['opener: thrown by a listener']);
      expect(got).to.deep.equal(expected);
    });

  it("has them run where they were added, with zone.js' plugin for socket.io", async () => {
    const [theirs, ours] = await openClients('push-plain', PLUGIN);
    const { Zone } = page.window;
    for (const io of [theirs, ours]) Zone[Zone.__symbol__('socketio')](io);
    const [expected, got] = [await listen(theirs), await listen(ours)];
    expect(expected.ran).to.include('event: adder').and.not.include('event: opener');
    expect(got).to.deep.equal(expected);
  });

  it('reads the streams of services, with zone.js’ patch of ports', async () => {
    await openClients('services', MESSAGES);
    type Streams = { count(to: number, name: string): AsyncIterable<number> };
    const { hadoken } = page.window as unknown as { hadoken: Hadoken };
    const items = hadoken.service<Streams>('streams').count(2, 'zone');
    const read: number[] = [];
    for await (const item of items) {
      read.push(item);
      if (item === 2) break;
    }
    expect(read).to.deep.equal([1, 2]);
  });

  it('has them run in its root zone where it was opened there', async () => {
    const [, ours] = await openClients();
    const socket = ours('/');
    const { Zone } = page.window;
    const name = await new Promise((resolve) =>
      socket.on('connect', () => resolve(Zone.current.name)),
    );
    expect(name).to.equal('<root>');
    socket.disconnect();
  });
});

describe('a page whose own `Zone` is none of zone.js', () => {
  for (const [what, value] of Object.entries({
    'a class of a game': class Zone {},
    'an object with a current one': { current: { name: 'level 1', runGuarded: 'yes' } },
    null: null,
  }))
    it(`has its listeners called: ${what}`, async () => {
      const page = await openInnerPage(html);
      const { window } = page;
      Object.assign(window, { Zone: value });
      window.eval(await (await fetch('/dist/hadoken.js')).text());
      const hadoken = window.hadoken.connect(frameUrl('push-plain'));
      const socket = hadoken.io('/');
      expect(await socket.emitWithAck('echo', 7)).to.equal(7);
      hadoken.close();
      page.close();
    });
});
