/** The headers of SECURITY.md, as the demo serves them: what works under them, and what each of them stops. */
import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, type Remote } from '../../src/parent/index.ts';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl } from '../support/env.ts';

type Attempts = Record<'fetch' | 'socket' | 'script' | 'eval', boolean>;
type HostService = { where(): string; blocked(): string[]; attempts(url: string): Attempts };

/** Resolves with the first event of those names. */
const first = (target: EventTarget, ...names: string[]): Promise<string> =>
  new Promise((resolve) => {
    for (const name of names) target.addEventListener(name, () => resolve(name));
  });

describe('a frame whose files have the strictest headers', () => {
  let hadoken: Hadoken;
  let host: Remote<HostService>;
  const open = async (name: string, query = ''): Promise<void> => {
    hadoken = connect(frameUrl(name) + query, { log: 'silent' });
    host = hadoken.service<HostService>('host');
    await hadoken.ready;
  };
  afterEach(() => hadoken.close());

  it('serves all that it has, from its worker, and its policies block none of it', async () => {
    await open('headers@strict');
    expect(await host.where()).to.equal('worker');
    expect((await hadoken.fetch('/api/echo')).status).to.equal(200);
    const progress: number[] = [];
    const upload = await hadoken.fetch('/api/upload', {
      method: 'POST',
      body: new Blob([new Uint8Array(200_000)]),
      onUploadProgress: ({ loaded }) => progress.push(loaded),
    });
    expect((await upload.json()).bytes).to.equal(200_000);
    expect(progress.at(-1)).to.equal(200_000);
    const socket = hadoken.io('/', { forceNew: true });
    expect(await socket.emitWithAck('echo', 'pushed')).to.equal('pushed');
    socket.disconnect();
    const webSocket = new hadoken.WebSocket('/streams/ws/echo');
    expect(await first(webSocket, 'open', 'error')).to.equal('open');
    webSocket.close();
    const events = new hadoken.EventSource('/streams/sse');
    expect(await first(events, 'open', 'error')).to.equal('open');
    events.close();
    expect(await host.blocked()).to.deep.equal([]);
  });

  it('says its own origin of each request that may change something, whatever its Referrer-Policy', async () => {
    // The frame's files have helmet's: no-referrer.
    await open('headers@strict');
    for (const [method, init] of [
      ['POST', {}],
      ['PUT', { body: new Blob(['a']) }],
      ['DELETE', {}],
      ['POST', { body: 'a', onUploadProgress: () => {} }],
    ] as const) {
      const { headers } = await (await hadoken.fetch('/api/echo', { ...init, method })).json();
      expect(headers.origin, method).to.equal(env.push);
    }
  });

  it('reaches no other origin from its worker, loads no script from there, and makes none of text', async () => {
    await open('headers@strict');
    const attempts = await host.attempts(`${env.other}/pages/blank.html`);
    expect(attempts).to.deep.equal({ fetch: true, socket: true, script: true, eval: true });
    // WebKitGTK 2.50 fires no event for it in a worker.
    if (env.engine === 'webkit') return;
    const blocked = (await host.blocked()).map((line) => line.split(' ')[0]);
    expect(blocked).to.include.members(['connect-src', 'script-src-elem', 'script-src']);
  });

  // A worker takes the policy of its own file: that of frame.html says nothing for it.
  it('reaches other origins from its worker where frame.html alone has a policy', async () => {
    const policy = `default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'`;
    await open('headers', `?header=${encodeURIComponent(`content-security-policy:${policy}`)}`);
    const attempts = await host.attempts(`${env.other}/pages/blank.html`);
    // A worker that is a Blob has the policy of its page; one that is a file has that of the file.
    expect(attempts).to.include({ fetch: env.isPacked, eval: env.isPacked });
  });

  // Chromium 156, Firefox 153 and WebKitGTK 2.50 do; Safari before 15.4 did not, hence the origin by name in the demo.
  it('has its WebSockets by connect-src self alone', async () => {
    await open('headers@self');
    const webSocket = new hadoken.WebSocket('/streams/ws/echo');
    expect(await first(webSocket, 'open', 'error')).to.equal('open');
    expect(await host.blocked()).to.deep.equal([]);
  });
});

/** In a page: loads `src` as a script; resolves with what it called the page's functions with. */
async function loadScript(
  src: string,
): Promise<{ loaded: string; got: unknown[]; blocked: string[] }> {
  const got: unknown[] = [];
  const blocked: string[] = [];
  const keep = (value: unknown): void => void got.push(value);
  Object.assign(globalThis, { hadokenFrame: { serve: keep }, callback: keep });
  addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
    blocked.push(effectiveDirective),
  );
  const tag = Object.assign(document.createElement('script'), { src });
  const loaded = new Promise<string>((resolve) => {
    for (const type of ['load', 'error']) tag.addEventListener(type, () => resolve(type));
  });
  document.head.append(tag);
  return { loaded: await loaded, got: JSON.parse(JSON.stringify(got)), blocked };
}

describe('host.js', () => {
  for (const [who, origin] of [
    ['of a stranger', env.other],
    ['of the same site', env.shop],
    ['that is allowed', env.app],
  ] as const) {
    it(`is read by a page ${who}, that runs it as its own script`, async () => {
      const page = await openAttacker(attackerUrl(origin));
      const { loaded, got } = await page.run<Awaited<ReturnType<typeof loadScript>>>(
        loadScript,
        frameUrl('headers').replace('frame.html', 'host.js'),
      );
      page.close();
      expect(loaded).to.equal('load');
      expect(JSON.stringify(got)).to.contain('for allowed pages');
    });

    it(`is not with Cross-Origin-Resource-Policy: same-origin, by a page ${who}`, async () => {
      const page = await openAttacker(attackerUrl(origin));
      const result = await page.run(
        loadScript,
        frameUrl('headers@strict').replace('frame.html', 'host.js'),
      );
      page.close();
      expect(result).to.deep.equal({ loaded: 'error', got: [], blocked: [] });
    });
  }

  for (const name of ['frame.js', 'frame.io.js', 'frame.urlpattern.js', 'LICENSES.txt'])
    it(`is as hidden from pages as ${name}`, async () => {
      const page = await openAttacker(attackerUrl(env.app));
      const result = await page.run(
        loadScript,
        frameUrl('headers@strict').replace('frame.html', name),
      );
      page.close();
      expect(result).to.include({ loaded: 'error' });
    });
});

describe('a page', () => {
  type Scope = { hadoken: Hadoken };
  let page: AttackerPage;
  afterEach(() => page.close());
  /** In a page: the script include, connected; resolves with the frame's config. */
  const includeScript = async (src: string): Promise<unknown> => {
    const tag = Object.assign(document.createElement('script'), { src });
    await new Promise((resolve, reject) => {
      tag.onload = resolve;
      tag.onerror = reject;
      document.head.append(tag);
    });
    const { hadoken } = globalThis as unknown as Scope;
    await hadoken.ready;
    return (await hadoken.fetch('/api/echo')).status;
  };
  const script = (name: string): string => frameUrl(name).replace('frame.html', 'hadoken.js');
  // The page of the tests runs what it is sent: that takes inline scripts and eval.
  const ownScripts = "'unsafe-inline' 'unsafe-eval'";
  const policy = (...sources: string[]): string =>
    `content-security-policy:default-src 'none'; script-src ${ownScripts} ${sources.join(' ')}; frame-src ${frameUrl('headers@strict')}`;
  const jsonp = `${env.push}/api/jsonp?callback=callback`;

  it('runs the script include where its policy names two files of the API’s origin and no more', async () => {
    page = await openAttacker(attackerUrl(env.app, [policy(script('headers@strict'))]));
    expect(await page.run(includeScript, script('headers@strict'))).to.equal(200);
  });

  it('runs no JSONP-like answer of the API then, nor host.js, nor the script under another path', async () => {
    page = await openAttacker(attackerUrl(env.app, [policy(script('headers@strict'))]));
    for (const src of [
      jsonp,
      frameUrl('headers').replace('frame.html', 'host.js'),
      script('default'),
      `${env.push}/hosts/headers@strict/hadoken.js/../../../api/jsonp?callback=callback`,
      `${env.push}/api/redirect?to=${encodeURIComponent('/hosts/headers@strict/hadoken.js')}`,
    ]) {
      const result = await page.run<Awaited<ReturnType<typeof loadScript>>>(loadScript, src);
      expect(result, src).to.deep.include({ loaded: 'error', got: [] });
      expect(result.blocked, src).to.deep.equal(['script-src-elem']);
    }
  });

  it('runs such an answer where its policy names the whole origin', async () => {
    page = await openAttacker(attackerUrl(env.app, [policy(env.push)]));
    const result = await page.run(loadScript, jsonp);
    expect(result).to.deep.equal({ loaded: 'load', got: [{ from: 'the API' }], blocked: [] });
  });

  it('with Cross-Origin-Embedder-Policy: require-corp has the script and the frame', async () => {
    page = await openAttacker(attackerUrl(env.app, ['cross-origin-embedder-policy:require-corp']));
    expect(await page.run(includeScript, script('headers@strict'))).to.equal(200);
  });
});
