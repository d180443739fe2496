/**
 * Pages with agents, polyfills and frameworks as they are on npm. Each has them before Hadoken, and after it: everything
 * works as on a page without. React and Turbo are in test/boundary/guest.test.ts, zone.js' zones in test/push/zone.test.ts.
 */
import { expect } from '@esm-bundle/chai';
import type { Hadoken } from '../../src/parent/index.ts';
import { env, frameUrl, requestLog, uniqueId, until } from '../support/env.ts';
import {
  type InnerPage,
  type InnerWindow,
  openInnerPage,
  runScripts,
} from '../support/inner-page.ts';
import { next, sseUrl, wsUrl } from '../support/streams.ts';

/** The scripts of a page, and what it does with them once they are there. */
type Library = {
  files: string[];
  start?: (window: InnerWindow) => void;
  /** What it throws in a page without Hadoken too. */
  throws?: RegExp;
};

const ownHost = new URL(env.app).host;
/** An agent's server: it answers 404, as one that has been blocked might. */
const newRelic = {
  init: {
    ssl: false,
    distributed_tracing: { enabled: true },
    session_replay: {
      enabled: true,
      autoStart: true,
      sampling_rate: 100,
      error_sampling_rate: 100,
    },
  },
  info: { beacon: ownHost, errorBeacon: ownHost, licenseKey: 'key', applicationID: '1', sa: 1 },
  loader_config: {
    accountID: '1',
    trustKey: '1',
    agentID: '1',
    licenseKey: 'key',
    applicationID: '1',
  },
};

const libraries: Record<string, Library> = {
  "New Relic's browser agent": {
    files: ['/bundles/newrelic.js'],
    start: ({ newrelic }) => new newrelic.BrowserAgent(newRelic),
    throws: /backlog/,
  },
  'Sentry, with replay and traces': {
    files: ['/bundles/sentry.js'],
    start({ sentry }) {
      sentry.init({
        dsn: `http://key@${ownHost}/1`,
        integrations: [sentry.replayIntegration(), sentry.browserTracingIntegration()],
        replaysSessionSampleRate: 1,
        tracesSampleRate: 1,
        tracePropagationTargets: [/.*/],
      });
    },
  },
  'zone.js': {
    files: [
      'zone.js/bundles/zone.umd.js',
      'zone.js/bundles/zone-patch-fetch.umd.js',
      'zone.js/bundles/zone-patch-message-port.umd.js',
    ],
  },
  MooTools: { files: ['mootools/lib/mootools-core-1.5.2-server.js'] },
  'web-streams-polyfill': {
    files: ['web-streams-polyfill/dist/polyfill.js'],
    // The polyfill leaves a native one alone. Old pages have put it there all the same.
    start(window) {
      const { ReadableStream: own } = window;
      Reflect.deleteProperty(window, 'ReadableStream');
      window.eval(window.polyfill);
      expect(window.ReadableStream).not.to.equal(own);
    },
  },
  'mock-socket, which takes the place of WebSocket': {
    files: ['mock-socket/dist/mock-socket.js'],
    start(window) {
      const own = window.WebSocket;
      window.mock = new window.Mock.Server('ws://mock.test/');
      expect(window.WebSocket).not.to.equal(own);
    },
  },
};

/** What a page without any of them gets. */
const EVERYTHING = {
  posted: 'grün',
  lengths: [10, 20_000, 300_000, 20_000],
  uploaded: 50_000,
  refused: 'HadokenError POLICY_REFUSED',
  event: 'from the frame',
  echo: ['open', 'hello', 'close 4000'],
  socket: [true, 'io client disconnect'],
};

/** Uses all that there is, with the globals of that page. */
async function useEverything({ hadoken, ...rest }: { hadoken: Hadoken; window: InnerWindow }) {
  const { window } = rest;
  const { Blob, URLSearchParams } = window;
  const echo = await (await hadoken.fetch('/api/echo', { method: 'POST', body: 'grün' })).json();
  const lengths: number[] = [];
  for (const size of [10, 20_000, 300_000])
    lengths.push((await (await hadoken.fetch(`/api/bytes/${size}`)).arrayBuffer()).byteLength);
  const query = new URLSearchParams({ chunks: '4', size: '5000', ms: '1' });
  const { body } = await hadoken.fetch(`/api/stream?${query}`);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read())
    length += part.value.byteLength;
  const upload = { method: 'POST', body: new Blob(['x'.repeat(50_000)]) };
  const { bytes } = await (await hadoken.fetch('/api/upload', upload)).json();
  const refused = await hadoken.fetch('data:,x').catch(({ name, code }) => `${name} ${code}`);

  const source = new hadoken.EventSource(sseUrl({ body: 'data: from the frame\n\n' }));
  const event = (await next(source)).data;
  source.close();

  const web = new hadoken.WebSocket(wsUrl('echo'));
  const said: string[] = [(await next<Event>(web, 'open')).type];
  web.send('hello');
  said.push((await next(web)).data);
  web.close(4_000);
  said.push(`close ${(await next<CloseEvent>(web, 'close')).code}`);

  const socket = hadoken.io('/');
  const answer = await socket.emitWithAck('whoami');
  const reason = new Promise((resolve) => socket.on('disconnect', resolve));
  socket.disconnect();
  return {
    posted: new TextDecoder().decode(Uint8Array.from(atob(echo.body), (c) => c.charCodeAt(0))),
    lengths: [...lengths, length],
    uploaded: bytes,
    refused,
    event,
    echo: said,
    socket: [!!answer, await reason],
  };
}

describe('a page with a library of npm', function () {
  this.timeout(60_000);
  let page: InnerPage;
  let errors: string[];
  beforeEach(async () => {
    errors = [];
    page = await openInnerPage('<!doctype html><title>t</title><body><p>text</p></body>');
    const { window } = page;
    window.addEventListener('error', ({ message }) => errors.push(message));
    window.addEventListener('unhandledrejection', ({ reason }) => errors.push(`${reason}`));
  });
  afterEach(() => {
    page.window.hadoken?.close();
    page.close();
  });

  async function load({ files, start }: Library): Promise<void> {
    await runScripts(page, ...files);
    if (files[0]?.startsWith('web-streams'))
      page.window.polyfill = await (await fetch(`/node_modules/${files[0]}`)).text();
    start?.(page.window);
  }
  async function connectThere(): Promise<void> {
    const { window } = page;
    await runScripts(page, '/dist/hadoken.js');
    Object.assign(window, { hadoken: window.hadoken.connect(frameUrl('everything')) });
    await window.hadoken.ready;
  }

  for (const [name, library] of Object.entries<Library>({
    'none, to compare': { files: [] },
    ...libraries,
  }))
    it(`does everything: ${name}`, async () => {
      await load(library);
      await connectThere();
      const { window } = page;
      expect(await useEverything({ hadoken: window.hadoken, window }), 'before').to.deep.equal(
        EVERYTHING,
      );
      expect(errors.filter((message) => !library.throws?.test(message))).to.deep.equal([]);
    });

  // `npm test` has the agents come later, `npm run test:long` all of them.
  const late = Object.entries(libraries).slice(0, env.isLong ? undefined : 3);
  for (const [name, library] of late)
    it(`does everything where it came later: ${name}`, async () => {
      await connectThere();
      await load(library);
      const { window } = page;
      expect(await useEverything({ hadoken: window.hadoken, window })).to.deep.equal(EVERYTHING);
      expect(errors.filter((message) => !library.throws?.test(message))).to.deep.equal([]);
    });

  it('keeps its frame from Sentry’s and New Relic’s replay, and their headers from the API', async () => {
    await load(libraries['Sentry, with replay and traces'] as Library);
    await load(libraries["New Relic's browser agent"] as Library);
    await connectThere();
    const id = uniqueId();
    const { window } = page;
    await window.hadoken.fetch(`/api/echo?id=${id}`);
    const [request] = await requestLog(id);
    expect(
      Object.keys(request?.headers ?? {}).filter((name) => /sentry|trace|relic/.test(name)),
    ).to.deep.equal([]);
    expect(window.document.querySelectorAll('.hadoken')).to.have.length(1);
  });

  it('leaves client and socket what they are: immer and MobX', async () => {
    await runScripts(page, '/bundles/immer.js', '/bundles/mobx.js');
    await connectThere();
    const { hadoken, immer, mobx } = page.window;
    const socket = hadoken.io('/');
    const state = immer.produce({ hadoken, socket, count: 0 }, (draft: { count: number }) => {
      draft.count++;
    });
    expect([state.count, state.hadoken, state.socket]).to.deep.equal([1, hadoken, socket]);
    const store = mobx.observable({ hadoken, socket, last: undefined as unknown });
    expect(store.hadoken).to.equal(hadoken);
    const seen: unknown[] = [];
    mobx.autorun(() => seen.push(store.last));
    mobx.runInAction(() => {
      store.last = socket.connected;
    });
    expect(await store.socket.emitWithAck('whoami')).to.be.an('object');
    await until(() => store.socket.connected);
    expect(seen).to.have.length(2);
    expect((await state.hadoken.fetch('/api/echo')).status).to.equal(200);
  });
});
