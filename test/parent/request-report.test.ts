import { expect } from '@esm-bundle/chai';
import {
  connect,
  type Hadoken,
  type RequestReport,
  type RequestTiming,
} from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl, until } from '../support/env.ts';

/** By how much two clocks of one engine may differ, and be coarse, in ms. */
const COARSE = 3;

const header = (value: string): string => `header=${encodeURIComponent(`server-timing:${value}`)}`;

function expectOrder(...times: (number | undefined)[]): void {
  for (const [at, time] of times.entries()) {
    expect(time).to.be.a('number');
    if (at > 0) expect(time).to.be.at.least((times[at - 1] as number) - COARSE);
  }
}

describe("hadoken.on('request')", function () {
  this.timeout(20_000);
  let hadoken: Hadoken;
  let reports: RequestReport[];
  before(async () => {
    hadoken = connect(frameUrl(), { log: 'silent' });
    await hadoken.ready;
  });
  after(() => hadoken.close());
  beforeEach(() => {
    reports = [];
    hadoken.on('request', (report) => reports.push(report));
  });
  afterEach(() => hadoken.off('request'));

  const nextReport = async (): Promise<RequestReport> => {
    await until(() => reports[0]);
    return reports.shift() as RequestReport;
  };

  it('tells of a request that was answered: what it was, and when it did what', async () => {
    const before = performance.now();
    const response = await hadoken.fetch(`/api/bytes/1024?a=1#part`);
    await response.arrayBuffer();
    const report = await nextReport();
    const after = performance.now();
    const { id, method, url, status, error, timing } = report;
    expect({ method, url, status, error }).to.deep.equal({
      method: 'GET',
      url: `${env.push}/api/bytes/1024?a=1#part`,
      status: 200,
      error: undefined,
    });
    expect(id).to.be.a('number');
    const { startTime, requestStart, responseStart, responseEnd, duration, frame } = timing;
    expectOrder(before, startTime, requestStart, responseStart, responseEnd, after);
    expect(duration).to.equal(responseEnd - startTime);
    const {
      startTime: came,
      fetchStart,
      responseStart: head,
      answerStart,
    } = frame ?? ({} as never);
    expectOrder(requestStart, came, fetchStart, head, answerStart, responseStart);
  });

  it('has the engine’s own timing of the real request, by the page’s clock', async () => {
    const response = await hadoken.fetch('/api/bytes/1024');
    await response.arrayBuffer();
    const { timing } = await nextReport();
    const { resource, frame, responseEnd } = timing as Required<RequestTiming>;
    expect(resource, `${env.engine} says nothing`).to.be.an('object');
    if (!resource) return;
    expectOrder(frame?.fetchStart, resource.fetchStart, resource.requestStart);
    expectOrder(resource.requestStart, resource.responseStart, frame?.responseStart);
    expectOrder(resource.responseStart, resource.responseEnd, responseEnd + 50);
    // WebKit 2.50 has no sizes.
    const size = env.engine === 'webkit' ? 0 : 1_024;
    expect(resource).to.include({ encodedBodySize: size, transferSize: size && size + 300 });
    expect(resource).not.to.have.any.keys('name', 'startTime', 'redirectStart', 'serverTiming');
  });

  it('gives each of many requests to one URL a timing that fits it', async () => {
    const path = '/api/slow?ms=30';
    const all = Array.from({ length: 12 }, async () => (await hadoken.fetch(path)).text());
    await Promise.all(all);
    await until(() => reports.length === 12);
    // On a busy machine an engine's entry may come later than it is waited for.
    const timed = reports.filter(({ timing }) => timing.resource);
    expect(timed.length).to.be.within(6, 12);
    for (const { timing } of timed)
      expectOrder(timing.frame?.fetchStart, timing.resource?.responseStart, timing.responseEnd);
    expect(new Set(reports.map(({ id }) => id)).size).to.equal(12);
  });

  it('waits for the end of a body that comes in pieces', async () => {
    const response = await hadoken.fetch('/api/stream?chunks=3&ms=60');
    expect(reports).to.deep.equal([]);
    await response.arrayBuffer();
    const { timing } = await nextReport();
    const { responseStart = 0, responseEnd } = timing;
    expect(responseEnd - responseStart).to.be.greaterThan(60);
  });

  for (const [what, value, expected] of [
    ['a name', 'hit', [['hit', 0, '']]],
    ['a duration', 'db;dur=53.2', [['db', 53.2, '']]],
    ['a description', 'db;desc="from, \\"disk\\"";dur=1', [['db', 1, 'from, "disk"']]],
    [
      'several',
      'a;dur=1, b ; desc=x , c;dur=2;dur=3',
      [
        ['a', 1, ''],
        ['b', 0, 'x'],
        ['c', 2, ''],
      ],
    ],
    ['what can’t be read', ';dur=1, =, db;dur=x', [['db', 0, '']]],
  ] as const)
    it(`reads Server-Timing: ${what}`, async () => {
      const response = await hadoken.fetch(`/api/echo-nothing?${header(value)}`);
      await response.text();
      const { serverTiming } = await nextReport();
      const entries = serverTiming.map(({ name, duration, description }) => [
        name,
        duration,
        description,
      ]);
      expect(entries).to.deep.equal(expected);
    });

  it('tells of a request that failed, was aborted, or was refused', async () => {
    const failed = await rejection(hadoken.fetch('/api/reset'));
    const first = await nextReport();
    expect([first.status, first.error]).to.deep.equal([undefined, failed]);
    expect(first.timing.frame).to.equal(undefined);
    const signal = AbortSignal.timeout(20);
    const aborted = await rejection(hadoken.fetch('/api/slow', { signal }));
    expect((await nextReport()).error).to.equal(aborted);
    const gone = await rejection(hadoken.fetch('/api/slow', { signal: AbortSignal.abort() }));
    const third = await nextReport();
    expect(third.error).to.equal(gone);
    expect(third.timing.requestStart).to.equal(undefined);
    const refused = await rejection(hadoken.fetch(`${env.other}/api/echo`));
    expect(refused).to.include({ code: 'POLICY_REFUSED' });
    expect((await nextReport()).error).to.equal(refused);
    expect(reports).to.deep.equal([]);
  });

  it('tells of a body that broke off with its status and its error', async () => {
    const response = await hadoken.fetch('/api/cut?after=100000');
    const error = await rejection(response.arrayBuffer());
    expect(await nextReport()).to.include({ status: 200, error });
  });

  it('does not call a body that the page has cancelled an error', async () => {
    const response = await hadoken.fetch('/api/stream?chunks=50&ms=20');
    await response.body?.cancel('enough');
    expect(await nextReport()).to.include({ status: 200, error: undefined });
  });

  it('goes on after a listener that throws, and one that removes itself', async () => {
    const heard: string[] = [];
    const onError = (event: ErrorEvent): void => event.preventDefault();
    addEventListener('error', onError);
    const { onerror } = window;
    window.onerror = () => true;
    const thrower = hadoken.on('request', () => {
      heard.push('thrower');
      throw new Error('of a listener');
    });
    const off = hadoken.on('request', () => {
      heard.push('once');
      off();
    });
    hadoken.on('request', () => heard.push('last'));
    for (let i = 0; i < 2; i++) {
      await (await hadoken.fetch('/api/bytes/1')).text();
      await nextReport();
    }
    await until(() => heard.length === 5);
    expect(heard).to.deep.equal(['thrower', 'once', 'last', 'thrower', 'last']);
    thrower();
    window.onerror = onerror;
    removeEventListener('error', onError);
  });

  it('is of the handle that made the request, and also tells what its close() ended', async () => {
    const other = connect(frameUrl(), { log: 'silent' });
    const heard: RequestReport[] = [];
    other.on('request', (report) => heard.push(report));
    await (await hadoken.fetch('/api/bytes/1')).text();
    await nextReport();
    expect(heard).to.deep.equal([]);
    const error = rejection(other.fetch('/api/slow'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    other.close();
    expect(await error).to.include({ code: 'CLOSED' });
    expect(heard.map((report) => report.error)).to.deep.equal([await error]);
  });

  it('says of a loss whether the same request may be made again', async () => {
    const own = connect(frameUrl('mortal'), { log: 'silent', reconnectionDelay: 20 });
    await own.ready;
    const all = ['POST', 'PUT', 'DELETE'].map((method) =>
      rejection(own.fetch('/api/slow?ms=5000', { method })),
    );
    const posted = await own.fetch('/api/stream?chunks=90&ms=50', { method: 'POST' });
    const body = rejection(posted.text());
    for (const frame of hiddenFrames(`[src^="${frameUrl('mortal')}"]`)) frame.remove();
    const errors = (await Promise.all([...all, body])) as unknown as Record<string, unknown>[];
    expect(errors.map(({ code, retryable }) => [code, retryable])).to.deep.equal([
      ['FRAME_LOST', false],
      ['FRAME_LOST', true],
      ['FRAME_LOST', true],
      ['FRAME_LOST', false],
    ]);
    own.close();
  });
});

describe("hadoken.on('socket')", () => {
  /** What is reported, without the names. */
  function watch(): { hadoken: Hadoken; heard: unknown[][] } {
    const hadoken = connect(frameUrl('everything'), { log: 'silent' });
    const heard: unknown[][] = [];
    hadoken.on('socket', ({ state, reason, error }) => heard.push([state, reason, error]));
    return { hadoken, heard };
  }

  it('calls a WebSocket that never opened failed, once', async () => {
    const { hadoken, heard } = watch();
    const socket = new hadoken.WebSocket('/streams/ws/refused');
    await new Promise((resolve) => socket.addEventListener('close', resolve));
    expect(heard).to.deep.equal([['failed', 1006, undefined]]);
    hadoken.close();
  });

  it('calls a WebSocket that was open and broke off closed, once, with what broke it', async () => {
    const { hadoken, heard } = watch();
    const socket = new hadoken.WebSocket('/streams/ws/echo');
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
    hadoken.close();
    await closed;
    expect(heard.map(([state]) => state)).to.deep.equal(['open', 'closed']);
    expect(heard[1]?.[2]).to.have.property('code', 'CLOSED');
  });

  it('takes no event of a server for the state of its stream, whatever its name', async () => {
    const { hadoken, heard } = watch();
    const text = ['open', 'close', 'error', 'last'].map((name) => `event: ${name}\ndata: x\n\n`);
    const url = `/streams/sse?${new URLSearchParams({ keep: '', body: text.join('') })}`;
    const source = new hadoken.EventSource(url);
    await new Promise((resolve) => source.addEventListener('last', resolve));
    expect(heard.map(([state]) => state)).to.deep.equal(['open']);
    hadoken.close();
  });

  it('tells of sockets and streams that opened, closed or failed', async () => {
    const hadoken = connect(frameUrl(), { log: 'silent' });
    const heard: unknown[][] = [];
    hadoken.on('socket', ({ kind, name, state, reason, error }) =>
      heard.push([kind, name, state, ...(reason === undefined ? [] : [reason]), !!error]),
    );
    const wanted = async (count: number): Promise<unknown[][]> => {
      await until(() => heard.length >= count);
      return heard.splice(0);
    };
    const socket = hadoken.io('/', { forceNew: true });
    expect(await wanted(1)).to.deep.equal([['io', '/', 'open', false]]);
    socket.disconnect();
    expect(await wanted(1)).to.deep.equal([['io', '/', 'closed', 'io client disconnect', false]]);
    const source = new hadoken.EventSource('/streams/sse?keep');
    expect((await wanted(1))[0]?.slice(0, 3)).to.deep.equal(['eventSource', source.url, 'open']);
    source.close();
    source.close();
    expect(await wanted(1)).to.deep.equal([['eventSource', source.url, 'closed', false]]);
    const socketUrl = `${env.push.replace('http', 'ws')}/streams/ws/echo`;
    const webSocket = new hadoken.WebSocket(socketUrl);
    expect(await wanted(1)).to.deep.equal([['webSocket', socketUrl, 'open', false]]);
    webSocket.close(1_000);
    expect(await wanted(1)).to.deep.equal([['webSocket', socketUrl, 'closed', 1_000, false]]);
    hadoken.close();
  });
});
