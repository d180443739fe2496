import { expect } from '@esm-bundle/chai';
import type { connect, Hadoken } from '../../src/parent/index.ts';
import { addScript } from '../support/add-script.ts';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl } from '../support/env.ts';
import { openInnerPage } from '../support/inner-page.ts';

type Scope = { hadoken: Hadoken & { connect: typeof connect; HadokenError: ErrorConstructor } };
const script = `${frameUrl().replace('frame.html', 'hadoken.js')}`;

const readLoader = async (): Promise<string> => (await fetch('/dist/hadoken.loader.js')).text();

describe('the script include, where nothing says where it comes from', () => {
  const warn = 'globalThis.warned = []; console.warn = (...args) => warned.push(args.join(" "));';
  const html = (tag: string): string =>
    `<!doctype html><script>${warn}</script><body>${tag}</body>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>${warn}</script>
    <script href="${env.app}/hadoken/hadoken.js"/></svg>`;
  const source = `${env.app}/hadoken/hadoken.js`;
  const pages: Record<string, [page: string, said: string]> = {
    'a module': [html(`<script type="module" src="${source}"></script>`), 'a module'],
    'imported by a module': [
      html(`<script type="module">import '${source}';</script>`),
      'a module',
    ],
    'in an SVG document': [
      URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' })),
      'in SVG',
    ],
  };
  for (const [what, [page, said]] of Object.entries(pages))
    it(`says so, and connects where it is told to: ${what}`, async () => {
      const inner = await openInnerPage(page);
      const { hadoken, warned } = inner.window;
      expect(warned).to.have.length(1);
      expect(warned[0]).to.contain(said).and.contain('hadoken.connect(url)');
      const client = hadoken.connect(frameUrl());
      expect((await client.fetch('/api/echo')).status).to.equal(200);
      client.close();
      inner.close();
    });

  it('says nothing where it knows, or is told to wait', async () => {
    const tags = `<script src="${script}"></script><script data-manual src="${script}?2"></script>`;
    const inner = await openInnerPage(html(tags));
    expect(inner.window.warned).to.deep.equal([]);
    inner.close();
  });

  it('is kept out by helmet’s default of Cross-Origin-Resource-Policy, its frame is not', async () => {
    const header = '?header=cross-origin-resource-policy:same-origin';
    const inner = await openInnerPage(html(''));
    const load = (src: string): Promise<string> =>
      new Promise((resolve) => {
        const { document } = inner.window;
        const tag = Object.assign(document.createElement('script'), { src });
        tag.onload = () => resolve('loaded');
        tag.onerror = () => resolve('blocked');
        document.head.append(tag);
      });
    expect(await load(script + header)).to.equal('blocked');
    expect(await load(`${script}?header=cross-origin-resource-policy:same-site`)).to.equal(
      'loaded',
    );
    const client = inner.window.hadoken.connect(frameUrl() + header);
    expect((await client.fetch('/api/echo')).status).to.equal(200);
    client.close();
    inner.close();
  });
});

describe('the script include, in a page that has taken the names of the platform', () => {
  const NAMES = [
    ...[
      'URL',
      'Map',
      'Set',
      'WeakMap',
      'WeakSet',
      'WeakRef',
      'Symbol',
      'Number',
      'String',
      'Array',
    ],
    ...['AbortController', 'AbortSignal', 'EventTarget', 'FinalizationRegistry', 'MessageChannel'],
    ...['crypto', 'MutationObserver', 'Response', 'Promise', 'Proxy', 'Reflect', 'Object', 'JSON'],
    ...['Uint8Array', 'ArrayBuffer', 'DOMException', 'TypeError', 'Error', 'ReadableStream'],
  ];
  const own = `${NAMES.map((name) => `const ${name} = null;`).join('')}
    class Event {} class MessageEvent {} class CloseEvent {} class ErrorEvent {} class Request {}`;

  it('works all the same, and later too', async () => {
    const inner = await openInnerPage(
      `<!doctype html><script>${own}</script><script src="${script}"></script><body>`,
    );
    const { hadoken } = inner.window as unknown as Scope;
    const client = await hadoken.ready;
    const response = await client.fetch('/api/echo', { method: 'POST', body: 'x' });
    expect((await response.json()).method).to.equal('POST');
    expect(await client.io().emitWithAck('echo', 7)).to.equal(7);
    const socket = new client.WebSocket('/streams/ws/echo');
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    socket.send('hello');
    const { data } = await new Promise<MessageEvent>((resolve) => {
      socket.onmessage = resolve;
    });
    expect(data).to.equal('hello');
    client.close();
    inner.close();
  });

  it('makes its frame where append() and remove() are the page’s', async () => {
    const replaced = `Element.prototype.append = Element.prototype.remove = function () {};`;
    const inner = await openInnerPage(
      `<!doctype html><script>${replaced}</script><script src="${script}"></script><body>`,
    );
    const { hadoken } = inner.window as unknown as Scope;
    expect((await (await hadoken.ready).fetch('/api/echo')).status).to.equal(200);
    hadoken.close();
    expect(inner.window.document.querySelectorAll('.hadoken').length).to.equal(0);
    inner.close();
  });

  it('says what it needs where the platform has no AbortSignal.any', async () => {
    const missing = `delete AbortSignal.any;`;
    const inner = await openInnerPage(
      `<!doctype html><script src="${script}" data-manual></script><script>${missing}</script><body>`,
    );
    const { hadoken } = inner.window as unknown as Scope;
    expect(() => hadoken.connect(frameUrl())).to.throw('AbortSignal.any');
    inner.close();
  });
});

describe('the script include', () => {
  let page: AttackerPage;
  beforeEach(async () => {
    page = await openAttacker(attackerUrl(env.app));
  });
  afterEach(() => page.close());

  it('connects by itself to the frame beside it', async () => {
    await page.run(addScript, script, {});
    const found = await page.run(async () => {
      const { hadoken } = globalThis as unknown as Scope;
      await hadoken.ready;
      return { config: hadoken.config, connect: typeof hadoken.connect };
    });
    expect(found).to.deep.equal({ config: { release: 'test' }, connect: 'function' });
  });

  it('connects to the frame that data-frame names, relative to itself', async () => {
    await page.run(addScript, script, { frame: '../border/frame.html' });
    const config = await page.run(
      async () => (await (globalThis as unknown as Scope).hadoken.ready).config,
    );
    expect(config).to.deep.equal({ page: env.app });
  });

  it('does what its queue is given while it is done, after the rest', async () => {
    const ran = await page.run(
      async (add: typeof addScript, src: string) => {
        const seen: string[] = [];
        const queue: unknown[] = [
          () => {
            seen.push('first');
            queue.push('no function', () => seen.push('given'));
          },
          () => seen.push('second'),
        ];
        Object.assign(globalThis, { hadoken: { hadokenQueue: queue } });
        await add(src, { manual: '' });
        return seen;
      },
      addScript,
      script,
    );
    expect(ran).to.deep.equal(['first', 'second', 'given']);
  });

  it('leaves the page alone with data-manual', async () => {
    await page.run(addScript, script, { manual: '' });
    expect(
      await page.run(() => ({
        keys: Object.keys((globalThis as unknown as Scope).hadoken),
        frames: hiddenFrames().length,
      })),
    ).to.deep.equal({ keys: ['connect', 'transfer', 'HadokenError', 'isHadokenError'], frames: 0 });
  });

  it('asks for nothing that a strict CSP with frame-src forbids', async () => {
    const policy = `default-src 'none'; script-src ${env.push} 'unsafe-inline' 'unsafe-eval'; frame-src ${env.push}`;
    const strict = await openAttacker(attackerUrl(env.app, [`content-security-policy:${policy}`]));
    const found = await strict.run(async (src: string) => {
      const violations: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
        violations.push(`${effectiveDirective} ${blockedURI}`),
      );
      const tag = Object.assign(document.createElement('script'), { src });
      await new Promise((resolve) => {
        tag.onload = resolve;
        document.head.append(tag);
      });
      const { state } = await (globalThis as unknown as Scope).hadoken.ready;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { violations, state };
    }, script);
    strict.close();
    expect(found).to.deep.equal({ violations: [], state: 'connected' });
  });

  it('gives two copies of itself one frame', async () => {
    await page.run(addScript, script, {});
    await page.run(addScript, `${script}?copy`, {});
    const frames = await page.run(async () => {
      await (globalThis as unknown as Scope).hadoken.ready;
      return hiddenFrames().length;
    });
    expect(frames).to.equal(1);
  });

  it('gives the name back to what the page had before the loader', async () => {
    const found = await page.run(
      async (loader: string, load: typeof addScript, src: string) => {
        const scope = globalThis as unknown as Record<string, unknown>;
        scope.hadoken = 'mine';
        const tag = document.createElement('script');
        tag.textContent = loader;
        document.head.append(tag);
        await load(src);
        const ours = (globalThis as unknown as Scope).hadoken.noConflict();
        const { origin } = ours;
        ours.close();
        return [origin, scope.hadoken];
      },
      await readLoader(),
      addScript,
      script,
    );
    expect(found).to.deep.equal([env.push, 'mine']);
  });

  it('gives the name back where there was nothing, also by another name', async () => {
    const found = await page.run(
      async (load: typeof addScript, src: string) => {
        const scope = globalThis as unknown as Record<string, unknown> & Scope;
        await load(src);
        const first = scope.hadoken.noConflict();
        await load(src, { global: 'push' });
        const second = (scope.push as Hadoken).noConflict();
        const left = ['hadoken', 'push'].filter((name) => name in scope);
        const { state } = await second.ready;
        for (const each of [first, second]) each.close();
        return { left, state, later: first.noConflict() === first };
      },
      addScript,
      script,
    );
    expect(found).to.deep.equal({ left: [], state: 'connected', later: true });
  });

  it('lets what the loader stands in for be awaited, whatever it is, and fail', async () => {
    const found = await page.run(
      async (loader: string, load: typeof addScript, src: string) => {
        const tag = document.createElement('script');
        tag.textContent = loader;
        document.head.append(tag);
        let reported = 0;
        addEventListener('error', (event) => {
          event.preventDefault();
          reported++;
        });
        const { hadoken: early } = globalThis as unknown as Scope;
        const wait = async (value: unknown): Promise<unknown> => await value;
        const all = [
          wait(early.io('/chat')).then((socket) => (socket as { nsp: string }).nsp),
          wait(early).then((hadoken) => typeof (hadoken as Hadoken).fetch),
          wait(early.origin),
        ];
        const failed = early.connect('ftp://elsewhere');
        const error = wait(failed).catch(({ code }) => code);
        const inner = wait(failed.fetch('/api/echo')).catch(({ code }) => code);
        await load(src);
        let late = '';
        try {
          failed.fetch('/api/echo');
        } catch (thrown) {
          late = (thrown as { code: string }).code;
        }
        const awaited = await Promise.all([...all, error, inner]);
        (globalThis as unknown as Scope).hadoken.close();
        return { awaited, late, isReported: reported > 0 };
      },
      await readLoader(),
      addScript,
      script,
    );
    expect(found).to.deep.equal({
      awaited: ['/chat', 'function', env.push, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
      late: 'INVALID_ARGUMENT',
      isReported: true,
    });
  });

  it('leaves nothing that looks at the page where it is closed in an unfinished head', async () => {
    const count = `
      globalThis.observing = new Set();
      globalThis.MutationObserver = class extends MutationObserver {
        observe(...args) { observing.add(this); super.observe(...args); }
        disconnect() { observing.delete(this); super.disconnect(); }
      };`;
    const inner = await openInnerPage(`<!doctype html><head><script>${count}</script>
      <script src="${script}" data-manual></script>
      <script>
        const client = hadoken.connect('${frameUrl()}');
        globalThis.before = observing.size;
        client.close();
      </script><title>t</title></head><body>`);
    const { before, observing } = inner.window as unknown as {
      before: number;
      observing: Set<unknown>;
    };
    expect([before, observing.size]).to.deep.equal([1, 0]);
    inner.close();
  });

  it('does what the loader has kept, in order, when it comes at last', async () => {
    const found = await page.run(
      async (loader: string, load: typeof addScript, src: string, frame: string) => {
        const tag = document.createElement('script');
        tag.textContent = loader;
        document.head.append(tag);
        const { hadoken: early } = globalThis as unknown as Scope;
        const order: string[] = [];
        const errors: string[] = [];
        addEventListener('error', (event) => {
          errors.push(event.message);
          event.preventDefault();
        });
        early.on('statechange', (state) => order.push(state));
        const text = early.fetch('/api/echo').then((response) => response.json());
        const probe = early.service<{ add(a: number, b: number): number }>('probe');
        const sum = probe.add(1, 2);
        (early as unknown as { nothing(): void }).nothing();
        (early as unknown as { mark: string }).mark = 'set';
        const { fetch: kept } = early;
        const awaited = (async () => (await early.ready).config)();
        const before = typeof early.state;
        await load(src, { frame });
        const { hadoken: late } = globalThis as unknown as Scope;
        return {
          before,
          method: (await text).method,
          sum: await sum,
          config: await awaited,
          order,
          errors: errors.length,
          mark: (late as unknown as { mark: string }).mark,
          replaced: late !== early,
          // What was kept in a variable works on.
          state: early.state,
          again: await probe.add(3, 4),
          status: (await kept('/api/echo')).status,
        };
      },
      await readLoader(),
      addScript,
      script,
      '../border/frame.html',
    );
    expect(found).to.deep.equal({
      before: 'function',
      method: 'GET',
      sum: 3,
      config: { page: env.app },
      order: ['connected'],
      errors: 1,
      mark: 'set',
      replaced: true,
      state: 'connected',
      again: 7,
      status: 200,
    });
  });
});
