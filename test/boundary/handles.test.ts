import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, HadokenError } from '../../src/parent/index.ts';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { rejection } from '../support/bare-host.ts';
import { control, env, frameUrl, requestLog, uniqueId, until } from '../support/env.ts';
import { reportedBy } from '../support/reported.ts';
import { next, openAll, record, settle, sseUrl, wsUrl } from '../support/streams.ts';

type Mortal = { life(): number; never(): void };

const framesOf = (url: string): Element[] => [...hiddenFrames(`[src^="${url}#"]`)];

/** A connection's state and events, as `hadoken` tells them. */
function watch(hadoken: Hadoken): string[] {
  const seen: string[] = [];
  for (const event of ['connect', 'disconnect', 'error'] as const)
    hadoken.on(event, () => seen.push(event));
  hadoken.on('statechange', (state) => seen.push(state));
  return seen;
}

/** The first argument of a socket's next event of that name. */
const heard = (socket: ReturnType<Hadoken['io']>, name: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(name as 'connect', resolve as () => void));

describe('handles of one frame', function () {
  this.timeout(20_000);
  const url = frameUrl('mortal');
  let one: Hadoken;
  let two: Hadoken;
  beforeEach(async () => {
    one = connect(url, { log: 'silent' });
    two = connect(new URL('#of-no-importance', url));
    await Promise.all([one.ready, two.ready]);
  });
  afterEach(() => {
    one.close();
    two.close();
    expect(framesOf(url)).to.deep.equal([]);
  });

  it('are two, over one frame and one worker', async () => {
    expect(one).not.to.equal(two);
    expect(await one.ready).to.equal(one);
    expect(await two.ready).to.equal(two);
    expect(framesOf(url)).to.have.length(1);
    const life = (hadoken: Hadoken): Promise<number> => hadoken.service<Mortal>('mortal').life();
    expect(await life(one)).to.equal(await life(two));
  });

  it('close by themselves: what was begun with the one fails with CLOSED, the other goes on', async () => {
    const [mine, theirs] = [uniqueId(), uniqueId()];
    const calls = [
      one.service<Mortal>('mortal').never(),
      one.fetch(`/api/slow?ms=9000&id=${mine}`),
      one.fetch('/api/slow?ms=9000', { method: 'POST', body: 'x' }),
    ].map(rejection);
    const body = await one.fetch(`/api/stream?chunks=1000&size=1000&ms=20`);
    const read = rejection(body.text());
    const kept = two.fetch(`/api/slow?ms=700&id=${theirs}`);
    await until(async () => (await requestLog(mine)).length && (await requestLog(theirs)).length);
    const [seen, other] = [watch(one), watch(two)];
    one.close();
    one.close();
    expect(seen).to.deep.equal(['closed', 'disconnect']);
    for (const error of [...(await Promise.all(calls)), await read]) {
      expect(error).to.be.instanceOf(HadokenError);
      expect(error).to.include({ code: 'CLOSED' });
      expect(error.message).to.equal(one.error?.message);
    }
    expect(one.state).to.equal('closed');
    expect(two).to.include({ state: 'connected', error: undefined });
    expect((await kept).status).to.equal(200);
    expect(other).to.deep.equal([]);
    expect(framesOf(url)).to.have.length(1);
    // The frame lives on, and must not go on with what nobody waits for.
    await until(async () => (await requestLog(mine))[0]?.aborted);
  });

  it('refuse everything once closed, and are connected by nothing', async () => {
    one.close();
    const closed = { code: 'CLOSED' };
    expect(await rejection(one.fetch('/api/echo'))).to.include(closed);
    expect(await rejection(one.service<Mortal>('mortal').life())).to.include(closed);
    expect(await rejection(one.ready)).to.include(closed);
    expect((await next<ErrorEvent>(new one.EventSource(sseUrl()), 'error')).error).to.include(
      closed,
    );
    const socket = new one.WebSocket(wsUrl('echo'));
    expect((await next<ErrorEvent>(socket, 'error')).error).to.include(closed);
    expect((await next<CloseEvent>(socket, 'close')).code).to.equal(1006);
    const seen: string[] = [];
    for (const event of ['connect', 'statechange'] as const) one.on(event, () => seen.push(event));
    one.reconnect();
    framesOf(url)[0]?.remove();
    one.reconnect();
    two.reconnect();
    await settle();
    expect(one.state).to.equal('closed');
    expect(seen).to.deep.equal([]);
  });

  it('keep their config, for who looks at it after the close', async () => {
    const border = connect(frameUrl('border'));
    await border.ready;
    border.close();
    expect(border.config).to.deep.equal({ page: env.app });
    expect(border.error).to.include({ code: 'CLOSED' });
  });

  it('remove the frame with the last, whichever it is; the next has a frame of its own', async () => {
    const life = await two.service<Mortal>('mortal').life();
    two.close();
    expect(framesOf(url)).to.have.length(1);
    one.close();
    expect(framesOf(url)).to.deep.equal([]);
    const three = connect(url);
    expect(framesOf(url)).to.have.length(1);
    expect(three.state).to.equal('connecting');
    expect(await three.service<Mortal>('mortal').life()).not.to.equal(life);
    // They are of the frame before.
    one.close();
    two.close();
    expect(three.state).to.equal('connected');
    three.close();
  });

  it('share a frame with who connects while the last of them closes', async () => {
    two.close();
    let three: Hadoken | undefined;
    one.on('disconnect', () => {
      three = connect(url);
    });
    one.close();
    expect(three?.state).to.equal('connecting');
    await three?.ready;
    expect(framesOf(url)).to.have.length(1);
    three?.close();
  });

  it('hear of the same life, each its own listeners: off() takes away one’s own', async () => {
    const [seen, other] = [watch(one), watch(two)];
    const removed = watch(one);
    one.off();
    const kept = watch(one);
    framesOf(url)[0]?.setAttribute('src', `${env.other}/pages/blank.html`);
    await until(() => kept.includes('connect'), 15_000);
    const told = ['reconnecting', 'disconnect', 'connected', 'connect'];
    expect(kept).to.deep.equal(told);
    expect(other).to.deep.equal(told);
    expect([...seen, ...removed]).to.deep.equal([]);
  });

  it('are not stopped by a listener of another’s that throws', async () => {
    one.on('statechange', () => {
      throw new Error('the listener threw');
    });
    const other = watch(two);
    const reported = await reportedBy(async () => {
      framesOf(url)[0]?.setAttribute('src', `${env.other}/pages/blank.html`);
      await until(() => other.includes('connect'), 15_000);
      expect(() => one.close()).not.to.throw();
    });
    expect(reported.map(String)).to.deep.equal(Array(3).fill('Error: the listener threw'));
  });

  it('reconnect together, whoever asks for it', async () => {
    framesOf(url)[0]?.setAttribute('src', `${env.other}/pages/blank.html`);
    await until(() => one.state === 'reconnecting');
    expect(two.state).to.equal('reconnecting');
    two.reconnect();
    await Promise.all([one, two].map((hadoken) => hadoken.service<Mortal>('mortal').life()));
    expect([one.state, two.state]).to.deep.equal(['connected', 'connected']);
  });
});

describe('sockets and streams of two handles', function () {
  this.timeout(20_000);

  it('have connections of their own: those of the one that closes are disconnected, in the server too', async () => {
    const [one, two] = [connect(frameUrl('push-plain')), connect(frameUrl('push-plain'))];
    const [mine, theirs] = [one.io('/chat'), two.io('/chat')];
    await Promise.all([heard(mine, 'connect'), heard(theirs, 'connect')]);
    expect(mine.io).not.to.equal(theirs.io);
    const [id, other] = [mine.id as string, theirs.id as string];
    expect((await control('io/clients')).clients['/chat'])
      .to.include(id)
      .and.include(other);
    const seen: string[] = [];
    theirs.on('disconnect', (reason) => seen.push(reason));
    const told = heard(mine, 'disconnect');
    const waiting = rejection(mine.emitWithAck('silent'));
    one.close();
    expect(mine).to.include({ connected: false, active: false });
    expect(await told).to.equal('io client disconnect');
    expect((await waiting).message).to.equal('socket has been disconnected');
    await until(async () => !(await control('io/clients')).clients['/chat']?.includes(id));
    expect(await theirs.emitWithAck('echo', 'on')).to.equal('on');
    expect(theirs.id).to.equal(other);
    // A closed handle opens nothing, though its frame is there.
    expect(await heard(one.io('/chat'), 'connect_error')).to.include({ code: 'CLOSED' });
    expect((await control('io/clients')).clients['/chat']).to.deep.equal([other]);
    expect(seen).to.deep.equal([]);
    two.close();
  });

  it('end with their handle, and free their places in the frame', async () => {
    // It has places for two.
    const url = frameUrl('streams');
    const [one, two] = [connect(url), connect(url)];
    const id = uniqueId();
    const source = new one.EventSource(sseUrl({ id }));
    const socket = new one.WebSocket(wsUrl('echo'));
    await Promise.all([next(source, 'open'), next(socket, 'open')]);
    const events = [record(source, ['open', 'error']), record(socket, ['error', 'close'])];
    const closed = next<CloseEvent>(socket, 'close');
    one.close();
    expect((await closed).code).to.equal(1006);
    expect(events).to.deep.equal([['error 2'], ['error 3', 'close 3']]);
    await until(async () => (await requestLog(id))[0]?.aborted);
    // The place of a WebSocket is free once the server has said goodbye to it.
    await until(() =>
      openAll([new two.WebSocket(wsUrl('echo')), new two.WebSocket(wsUrl('echo'))]),
    );
    two.close();
  });

  it('that wait for the frame end with their handle, and are never opened', async () => {
    const [one, two] = [connect(frameUrl()), connect(frameUrl())];
    const id = uniqueId();
    const source = new one.EventSource(sseUrl({ id }));
    const socket = one.io('/chat');
    const call = rejection(one.fetch(`/api/echo?id=${id}`));
    const ready = rejection(one.ready);
    const told = heard(socket, 'connect_error');
    one.close();
    for (const error of [await call, await ready, await told])
      expect(error).to.include({ code: 'CLOSED' });
    expect(source.readyState).to.equal(2);
    await two.ready;
    await two.fetch('/api/echo');
    expect(await requestLog(id)).to.deep.equal([]);
    two.close();
  });
});

describe('a second connect() to one frame', () => {
  const url = `${frameUrl()}?options`;
  const lines: string[] = [];
  const line = (message: unknown): void => void lines.push(String(message));
  const log = { error: line, warn: line, info() {}, debug() {} };
  beforeEach(() => {
    lines.length = 0;
  });

  it('with other options warns, once, and the first call’s count', () => {
    const handles = [
      connect(url, { timeout: 5_000, reconnectionAttempts: 3, log }),
      connect(url, { timeout: 4_000, reconnectionAttempts: 3, heartbeat: 9_000 }),
      connect(url, { timeout: 3_000 }),
    ];
    expect(lines).to.have.length(1);
    expect(lines[0]).to.contain(url).and.contain('timeout').and.contain('heartbeat');
    expect(lines[0]).not.to.contain('reconnectionAttempts');
    for (const handle of handles) handle.close();
  });

  it('warns of another logger', () => {
    const handles = [connect(url, { log }), connect(url, { log: { ...log } })];
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/\blog\b/);
    for (const handle of handles) handle.close();
  });

  it('with the same, fewer, or none, warns of nothing; nor does one to another frame', () => {
    const handles = [
      connect(url, { timeout: 5_000, log }),
      connect(url),
      connect(url, { timeout: 5_000, heartbeat: 25_000, log }),
      connect(url, {}),
      connect(`${url}2`, { timeout: 1_000, log }),
    ];
    expect(lines).to.deep.equal([]);
    for (const handle of handles) handle.close();
  });

  it('refuses options that can’t be read, and leaves the frame alone', () => {
    const first = connect(url);
    expect(() => connect(url, { timeout: -1 })).to.throw(HadokenError, 'timeout');
    first.close();
    expect(framesOf(url)).to.deep.equal([]);
  });

  it('tries again what has failed', async () => {
    const gone = `${env.push}/pages/blank.html?tried`;
    const options = { timeout: 100, reconnectionAttempts: 0, log: 'silent' } as const;
    const first = connect(gone, options);
    expect(await rejection(first.ready)).to.include({ code: 'FRAME_TIMEOUT' });
    expect(first.state).to.equal('failed');
    const seen = watch(first);
    const second = connect(gone);
    expect([first.state, second.state]).to.deep.equal(['reconnecting', 'reconnecting']);
    expect(await rejection(second.ready)).to.include({ code: 'FRAME_TIMEOUT' });
    expect(seen).to.deep.equal(['reconnecting', 'failed', 'error']);
    first.close();
    // Nor does it lose the frame to a listener that has had enough.
    expect(await rejection(second.ready)).to.include({ code: 'FRAME_TIMEOUT' });
    second.on('statechange', () => second.close());
    const third = connect(gone);
    expect([second.state, third.state]).to.deep.equal(['closed', 'reconnecting']);
    expect(framesOf(gone)).to.have.length(1);
    third.close();
    expect(framesOf(gone)).to.deep.equal([]);
  });
});

describe('`ready`', function () {
  this.timeout(20_000);
  const gone = `${env.push}/pages/blank.html?ready`;
  const once = { timeout: 100, reconnectionAttempts: 0, log: 'silent' } as const;

  it('is one promise for as long as what it says is so', async () => {
    const hadoken = connect(frameUrl('mortal'), { reconnectionDelay: 20, log: 'silent' });
    const { ready } = hadoken;
    expect(await ready).to.equal(hadoken);
    framesOf(frameUrl('mortal'))[0]?.setAttribute('src', `${env.other}/pages/blank.html`);
    await until(() => hadoken.state === 'reconnecting');
    expect(hadoken.ready).to.equal(ready);
    await until(() => hadoken.state === 'connected', 9_000);
    expect(hadoken.ready).to.equal(ready);
    hadoken.close();
    expect(hadoken.ready).to.equal(hadoken.ready);
    expect(await rejection(hadoken.ready)).to.include({ code: 'CLOSED' });
    expect(await ready, 'what was settled stays so').to.equal(hadoken);
  });

  it('is renewed by reconnect() after a failure, in a listener of it too', async () => {
    const hadoken = connect(gone, once);
    const failed = hadoken.ready;
    let renewed: Promise<unknown> | undefined;
    hadoken.once('reconnect_failed', () => {
      hadoken.reconnect();
      renewed = hadoken.ready;
    });
    const error = await rejection(failed);
    expect(renewed).not.to.equal(failed);
    const again = await rejection(renewed as Promise<unknown>);
    expect(again).to.include({ code: 'FRAME_TIMEOUT' });
    expect(again).not.to.equal(error);
    expect(await rejection(hadoken.ready), 'asked for after the failure').to.equal(hadoken.error);
    hadoken.close();
  });

  it('does not stay rejected after a later success', async () => {
    const hadoken = connect(`${frameUrl()}?late`, { ...once, timeout: 15_000 });
    const failed = hadoken.ready;
    framesOf(`${frameUrl()}?late`)[0]?.remove();
    expect(await rejection(failed)).to.include({ code: 'FRAME_LOST' });
    expect(hadoken.state).to.equal('failed');
    hadoken.reconnect();
    // Without a look at it in between.
    await until(() => hadoken.state === 'connected');
    expect(await hadoken.ready).to.equal(hadoken);
    expect(hadoken.error).to.equal(undefined);
    hadoken.close();
  });

  it('rejects once attempts are used up, though it was resolved before', async () => {
    const hadoken = connect(frameUrl('mortal'), { reconnectionAttempts: 0, log: 'silent' });
    const { ready } = hadoken;
    await ready;
    framesOf(frameUrl('mortal'))[0]?.setAttribute('src', `${env.other}/pages/blank.html`);
    await until(() => hadoken.state === 'failed');
    expect(await rejection(hadoken.ready)).to.include({ code: 'FRAME_LOST' });
    hadoken.reconnect();
    expect(hadoken.state).to.equal('reconnecting');
    expect(await hadoken.ready).to.equal(hadoken);
    hadoken.close();
  });

  it('rejects without a word to who does not ask for it', async () => {
    const rejections: PromiseRejectionEvent[] = [];
    const onRejection = (event: PromiseRejectionEvent): void => {
      event.preventDefault();
      rejections.push(event);
    };
    addEventListener('unhandledrejection', onRejection);
    const hadoken = connect(gone, once);
    void hadoken.ready;
    await until(() => hadoken.state === 'failed');
    void hadoken.ready;
    hadoken.close();
    void hadoken.ready;
    await settle(100);
    removeEventListener('unhandledrejection', onRejection);
    expect(rejections).to.deep.equal([]);
  });
});

describe('listeners', () => {
  let hadoken: Hadoken;
  beforeEach(() => {
    hadoken = connect(frameUrl());
  });
  afterEach(() => hadoken.close());

  it('are removed by their signal, `once` too; one that is aborted already adds none', async () => {
    const seen: string[] = [];
    const control = new AbortController();
    const { signal } = control;
    hadoken.on('connect', () => seen.push('aborted'), { signal });
    hadoken.once('connect', () => seen.push('aborted once'), { signal });
    control.abort();
    hadoken.on('connect', () => seen.push('too late'), { signal });
    hadoken.once('connect', () => seen.push('too late'), { signal });
    hadoken.on('connect', () => seen.push('kept'), { signal: new AbortController().signal });
    await hadoken.ready;
    expect(seen).to.deep.equal(['kept']);
  });

  it('are removed by what on() returns, once however often it is called', async () => {
    const seen: string[] = [];
    const listener = (): void => void seen.push('heard');
    const off = hadoken.on('connect', listener);
    hadoken.on('connect', listener);
    off();
    off();
    await hadoken.ready;
    expect(seen).to.deep.equal(['heard']);
  });

  it('are removed by off(event, listener) and off(event), those of once() too', async () => {
    const seen: string[] = [];
    const [a, b] = [() => seen.push('a'), () => seen.push('b')];
    hadoken.on('connect', a);
    hadoken.once('connect', b);
    hadoken.on('statechange', () => seen.push('state'));
    hadoken.off('connect', a);
    hadoken.off('connect', b);
    hadoken.on('disconnect', a);
    hadoken.off('disconnect');
    await hadoken.ready;
    hadoken.close();
    expect(seen).to.deep.equal(['state', 'state']);
  });

  it('of once() hear one event', async () => {
    const seen: string[] = [];
    hadoken.once('statechange', (state) => seen.push(state));
    await hadoken.ready;
    hadoken.close();
    expect(seen).to.deep.equal(['connected']);
  });
});

describe('a handle', () => {
  it('is not the status it shows: nobody can write it', async () => {
    const hadoken = connect(frameUrl());
    for (const name of ['state', 'ready', 'config', 'error'])
      expect(() => Object.assign(hadoken, { [name]: 'mine' }), name).to.throw(TypeError);
    Object.freeze(hadoken);
    await hadoken.ready;
    expect(hadoken.state).to.equal('connected');
    hadoken.close();
    expect(hadoken.state).to.equal('closed');
  });

  it('may be taken apart: its methods are bound', async () => {
    const { fetch, io, on, once, off, service, reconnect, ready, close } = connect(
      frameUrl('border'),
    );
    let changes = 0;
    const stop = on('statechange', () => changes++);
    once('statechange', () => changes++);
    await ready;
    expect((await fetch('/api/echo')).status).to.equal(200);
    expect(await service<{ add(a: number, b: number): number }>('probe').add(1, 2)).to.equal(3);
    reconnect();
    stop();
    off();
    expect(typeof io).to.equal('function');
    close();
    expect(changes).to.equal(2);
  });

  it('is closed by Symbol.dispose, where there is one', async () => {
    const { dispose } = Symbol as { dispose?: symbol };
    const hadoken = connect(frameUrl());
    const symbols = Object.getOwnPropertySymbols(hadoken);
    expect(symbols).to.deep.equal(dispose ? [dispose] : []);
    if (dispose) (hadoken as unknown as Record<symbol, () => void>)[dispose]?.();
    else hadoken.close();
    expect(hadoken.state).to.equal('closed');
  });

  it('has Symbol.dispose where a polyfill brought it', () => {
    const own = Object.getOwnPropertyDescriptor(Symbol, 'dispose');
    // The engine's own is there to stay.
    if (own) return;
    const dispose = Symbol('Symbol.dispose');
    Object.defineProperty(Symbol, 'dispose', { value: dispose, configurable: true });
    const hadoken = connect(frameUrl());
    delete (Symbol as { dispose?: symbol }).dispose;
    (hadoken as unknown as Record<symbol, () => void>)[dispose]?.();
    expect(hadoken.state).to.equal('closed');
  });
});

describe('copies of the code on one page', function () {
  this.timeout(20_000);
  type Scope = { hadoken: Hadoken & { connect: typeof connect }; copies: Scope['hadoken'][] };
  const script = `${frameUrl().replace('frame.html', 'hadoken.js')}`;
  let page: AttackerPage;
  beforeEach(async () => {
    page = await openAttacker(attackerUrl(env.app));
  });
  afterEach(() => page.close());

  /** Adds a script and keeps the global that it makes. */
  const addCopy = async (src: string): Promise<void> => {
    const tag = Object.assign(document.createElement('script'), { src });
    await new Promise((resolve, reject) => {
      tag.onload = resolve;
      tag.onerror = reject;
      document.head.append(tag);
    });
    const scope = globalThis as unknown as Scope;
    scope.copies ??= [];
    scope.copies.push(scope.hadoken);
  };

  it('share one frame, until the last of their handles closes', async () => {
    await page.run(addCopy, script);
    await page.run(addCopy, `${script}?copy`);
    const found = await page.run(async (frame: string) => {
      const [one, two] = (globalThis as unknown as Scope).copies as [
        Scope['hadoken'],
        Scope['hadoken'],
      ];
      const frames = (): number => hiddenFrames().length;
      const three = two.connect(frame);
      await Promise.all([one.ready, two.ready, three.ready]);
      const waiting = one.fetch('/api/hang').catch(({ code }) => code);
      const socket = two.io('/');
      await new Promise((resolve) => socket.on('connect', () => resolve(undefined)));
      const seen: unknown[] = [frames()];
      one.close();
      seen.push(await waiting, one.state, two.state, socket.connected, frames());
      two.close();
      seen.push(socket.connected, (await three.fetch('/api/echo')).status, frames());
      three.close();
      seen.push(frames());
      return seen;
    }, frameUrl());
    expect(found).to.deep.equal([1, 'CLOSED', 'closed', 'connected', true, 1, false, 200, 1, 0]);
  });

  it('of releases that share in another way have frames of their own', async () => {
    await page.run(addCopy, script);
    const found = await page.run(async (frame: string) => {
      const scope = globalThis as unknown as Scope;
      // What the first release kept there were clients.
      Object.assign(globalThis, {
        [Symbol.for('hadoken.clients')]: { [frame]: { state: 'closed' } },
      });
      const text = await (await fetch('/dist/hadoken.js')).text();
      const another = text.replace('hadoken.frames.', 'hadoken.frames.0.');
      const tag = document.createElement('script');
      tag.textContent = another;
      tag.dataset.manual = '';
      document.head.append(tag);
      const [one] = scope.copies as [Scope['hadoken']];
      const two = scope.hadoken.connect(frame);
      await Promise.all([one.ready, two.ready]);
      const frames = hiddenFrames().length;
      one.close();
      const { status } = await two.fetch('/api/echo');
      two.close();
      return [another === text, frames, status, hiddenFrames().length];
    }, frameUrl());
    expect(found).to.deep.equal([false, 2, 200, 0]);
  });
});
