import { expect } from '@esm-bundle/chai';
import { createBookmarklet } from '../../bin/bookmarklet.mjs';
import type { takeOver } from '../../src/drop-in/index.ts';
import type { connect, Hadoken } from '../../src/parent/index.ts';
import { addScript } from '../support/add-script.ts';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl, until } from '../support/env.ts';
import { sseUrl } from '../support/streams.ts';

type Included = Hadoken & { takeOver: typeof takeOver };
type Scope = Record<string, unknown> & { hadoken: Included };

const folder = frameUrl().replace('frame.html', '');
const script = `${folder}hadoken.drop-in.js`;
const echo = `${env.push}/api/echo`;

/** What an XMLHttpRequest comes to: its event, its status, and whether the frame has sent it. Self-contained. */
const ask = (url: string): Promise<string> =>
  new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    for (const type of ['load', 'error', 'timeout'] as const)
      xhr[`on${type}`] = () => {
        const isFramed = xhr.responseText.includes('"hadoken-origin"');
        resolve(`${type} ${xhr.status}${isFramed ? ' by the frame' : ''}`);
      };
    xhr.open('GET', url);
    xhr.send();
  });

/** Puts in the platform's place what MooTools (1.2 to 1.6) does. Self-contained. */
const replaceAsMooTools = (): void => {
  const { prototype } = Element;
  class Type {}
  class OwnEvent {
    type: string;
    constructor(event: { type: string }) {
      this.type = event.type.toLowerCase();
    }
  }
  class OwnRequest {
    options: unknown;
    url = '';
    headers = { 'X-Request': 'JSON' };
    constructor(options: unknown) {
      this.options = options;
    }
    send(): this {
      return this;
    }
  }
  function OwnElement(name: string): Element {
    return document.createElement(name);
  }
  OwnElement.prototype = prototype;
  Object.assign(globalThis, {
    Window: class extends Type {},
    Document: class extends Type {},
    Element: OwnElement,
    Event: OwnEvent,
    Request: OwnRequest,
  });
  Array.from = (item: unknown) => (Array.isArray(item) ? item : [item]);
};

describe('the drop-in as a script', () => {
  let page: AttackerPage;
  beforeEach(async () => {
    page = await openAttacker(attackerUrl(env.app));
  });
  afterEach(() => page.close());
  const add = (data: Record<string, string> = {}, src = script): Promise<void> =>
    page.run(addScript, src, data);
  const asked = (url: string): Promise<string> => page.run(ask, url);

  it('takes all of the frame’s origin', async () => {
    await add();
    expect(await asked(echo)).to.equal('load 200 by the frame');
    expect(await asked('/pages/blank.html')).to.equal('load 200');
  });

  it('takes what MooTools asks for, also where that comes first', async () => {
    await page.run(replaceAsMooTools);
    await add();
    expect(await asked(echo)).to.equal('load 200 by the frame');
    const sent = await page.run(
      (url: string) =>
        new Promise((resolve) => {
          const xhr = new XMLHttpRequest();
          xhr.onload = () => resolve(JSON.parse(xhr.responseText));
          xhr.open('post', url);
          xhr.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded; charset=utf-8');
          xhr.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
          xhr.send('a=1&b=2');
        }),
      echo,
    );
    expect(sent).to.deep.include({ method: 'POST', body: btoa('a=1&b=2') });
    expect((sent as { headers: object }).headers).to.include({
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-requested-with': 'XMLHttpRequest',
    });
  });

  it('does all else in a page that has MooTools’ globals', async () => {
    await page.run(replaceAsMooTools);
    await add();
    const heard = await page.run(
      async (url: string, events: string) => {
        const { hadoken } = globalThis as unknown as Scope;
        const said: unknown[] = [];
        const form = new FormData();
        form.append('a', '1');
        const sent = await hadoken.fetch(url, { method: 'POST', body: form });
        said.push((await sent.json()).headers['content-type'].split(';')[0]);
        const socket = hadoken.io('/');
        said.push(await socket.emitWithAck('echo', 'pushed'));
        socket.disconnect();
        const source = new hadoken.EventSource(events);
        said.push(await new Promise((resolve) => source.addEventListener('open', resolve)));
        source.close();
        const webSocket = new hadoken.WebSocket(url.replace(/^http/, 'ws'));
        said.push(await new Promise((resolve) => webSocket.addEventListener('error', resolve)));
        return said.map((one) => (typeof one === 'string' ? one : (one as Event).type));
      },
      echo,
      sseUrl({ body: 'data: 1\n\n' }),
    );
    expect(heard).to.deep.equal(['multipart/form-data', 'pushed', 'open', 'error']);
  });

  it('takes what data-take says, between blanks, and nothing else', async () => {
    await add({ take: ` /api/echo*\n${env.push}/api/status/* ` });
    expect(await asked('/api/echo/a')).to.equal('load 200 by the frame');
    expect(await asked(`${env.push}/api/status/202`)).to.equal('load 202');
    // Not named: the platform's, which CORS refuses.
    expect(await asked(`${env.push}/api/bytes/5`)).to.equal('error 0');
  });

  it('takes io with data-io, and else leaves it', async () => {
    await add();
    expect(await page.run(() => typeof (globalThis as unknown as Scope).io)).to.equal('undefined');
    await add({ io: '' });
    const hasTick = await page.run(async () => {
      const { io } = globalThis as unknown as { io: Hadoken['io'] };
      const socket = io('/');
      await new Promise((resolve) => socket.on('connect', () => resolve(undefined)));
      socket.disconnect();
      return true;
    });
    expect(hasTick).to.equal(true);
  });

  it('leaves a page’s own hadoken alone with data-global', async () => {
    await page.run(() => void Object.assign(globalThis, { hadoken: 'mine' }));
    await add({ global: 'push' });
    const found = await page.run(() => {
      const { hadoken, push } = globalThis as unknown as Scope & { push: Hadoken };
      return { hadoken, origin: push.origin };
    });
    expect(found).to.deep.equal({ hadoken: 'mine', origin: env.push });
    expect(await asked(echo)).to.equal('load 200 by the frame');
  });

  for (const [what, before] of Object.entries({
    'a page’s own': 'mine',
    'nothing where there was nothing': undefined,
  }))
    it(`gives the name back by noConflict(): ${what}`, async () => {
      if (before !== undefined)
        await page.run((mine: string) => void Object.assign(globalThis, { hadoken: mine }), before);
      await add();
      const found = await page.run<{ origin: string; left: unknown }>(() => {
        const ours = (globalThis as unknown as Scope).hadoken.noConflict();
        return { origin: ours.origin, left: (globalThis as unknown as Scope).hadoken };
      });
      expect(found.origin).to.equal(env.push);
      expect(found.left).to.equal(before);
      expect(await asked(echo)).to.equal('load 200 by the frame');
    });

  it('takes nothing with data-manual, until it is told to', async () => {
    await add({ manual: '' });
    expect(await asked(echo)).to.equal('error 0');
    await page.run((frame: string) => {
      const { hadoken } = globalThis as unknown as {
        hadoken: Included & { connect: typeof connect };
      };
      hadoken.takeOver(hadoken.connect(frame));
    }, frameUrl());
    expect(await asked(echo)).to.equal('load 200 by the frame');
  });

  it('uses the client that hadoken.js has made', async () => {
    await add({}, `${folder}hadoken.js`);
    const found = await page.run(
      async (load: typeof addScript, src: string) => {
        const { hadoken } = globalThis as unknown as Scope;
        await load(src);
        await hadoken.ready;
        return {
          isSame: (globalThis as unknown as Scope).hadoken === hadoken,
          takeOver: typeof hadoken.takeOver,
          frames: hiddenFrames().length,
        };
      },
      addScript,
      script,
    );
    expect(found).to.deep.equal({ isSame: true, takeOver: 'function', frames: 1 });
    expect(await asked(echo)).to.equal('load 200 by the frame');
  });

  it('waits as long as data-timeout says, and says so unless data-log is silent', async () => {
    const fails = (data: Record<string, string>): Promise<{ code: string; lines: number }> =>
      page.run(
        async (load: typeof addScript, src: string, given: Record<string, string>) => {
          const lines: unknown[] = [];
          console.error = (...args) => lines.push(args);
          await load(src, given);
          const { hadoken } = globalThis as unknown as Scope;
          const code = await new Promise<string>((resolve) =>
            hadoken.on('error', ({ code }) => resolve(code)),
          );
          hadoken.close();
          hadoken.noConflict();
          return { code, lines: lines.length };
        },
        addScript,
        script,
        { frame: '/pages/blank.html', timeout: '100', ...data },
      );
    const loud = await fails({});
    expect(loud.code).to.equal('FRAME_TIMEOUT');
    expect(loud.lines).to.be.greaterThan(0);
    expect(await fails({ log: 'silent' })).to.deep.equal({ code: 'FRAME_TIMEOUT', lines: 0 });
  });

  it('does what the loader has kept; a request made before stays the platform’s', async () => {
    const loader = await (await fetch('/dist/hadoken.loader.js')).text();
    const early = page.run(
      async (text: string, url: string, request: typeof ask) => {
        const tag = document.createElement('script');
        tag.textContent = text;
        document.head.append(tag);
        const { hadoken } = globalThis as unknown as Scope;
        const before = await request(url);
        return { before, kept: (await hadoken.fetch('/api/echo')).status };
      },
      loader,
      echo,
      ask,
    );
    await page.run(
      (isThere: string) =>
        new Promise<void>((resolve) => {
          const look = (): void => (isThere in globalThis ? resolve() : void setTimeout(look, 10));
          look();
        }),
      'hadoken',
    );
    await add();
    expect(await early).to.deep.equal({ before: 'error 0', kept: 200 });
    expect(await asked(echo)).to.equal('load 200 by the frame');
  });

  it('says that it is none where it is a module', async () => {
    const message = await page.run(
      (src: string) =>
        new Promise((resolve) => {
          addEventListener('error', (event) => {
            event.preventDefault();
            resolve(event.message);
          });
          document.head.append(
            Object.assign(document.createElement('script'), { type: 'module', src }),
          );
        }),
      `${env.app}/hadoken/hadoken.drop-in.js`,
    );
    expect(message).to.contain("import takeOver from 'hadoken/drop-in'");
  });
});

describe('the bookmarklet', () => {
  const click = (url: string): void => location.assign(url);
  const scripts = (): number => document.querySelectorAll('script[src*=drop-in]').length;

  it('gives the page it is clicked on the drop-in, once', async () => {
    const page = await openAttacker(attackerUrl(env.app));
    const url = createBookmarklet(folder, ['/api/echo*']);
    await page.run(click, url);
    await until(() => page.run(() => 'hadoken' in globalThis));
    await page.run(click, url);
    expect(await page.run(ask, '/api/echo')).to.equal('load 200 by the frame');
    expect(await page.run(ask, echo.replace('echo', 'bytes/5'))).to.equal('error 0');
    expect(await page.run(scripts)).to.equal(1);
    page.close();
  });

  it('does nothing where a Content-Security-Policy keeps the script out, which is told', async () => {
    const policy = "script-src 'unsafe-inline' 'unsafe-eval'";
    const page = await openAttacker(attackerUrl(env.app, [`content-security-policy:${policy}`]));
    const told = page.run(
      () =>
        new Promise((resolve) =>
          document.addEventListener('securitypolicyviolation', ({ blockedURI }) =>
            resolve(blockedURI),
          ),
        ),
    );
    await page.run(click, createBookmarklet(folder));
    expect(await told).to.equal(script);
    expect(await page.run(() => 'hadoken' in globalThis)).to.equal(false);
    page.close();
  });

  it('keeps what is in a URL a part of it', () => {
    const text = decodeURIComponent(
      createBookmarklet('https://push.example.com/a%22b/', ['/"*', '</script>*']).slice(
        'javascript:'.length,
      ),
    );
    const found: { src?: string; dataset: { take?: string } } = { dataset: {} };
    const document = { createElement: () => found, head: { appendChild() {} } };
    new Function('window', 'document', text)({}, document);
    expect(found.src).to.equal('https://push.example.com/a%22b/hadoken.drop-in.js');
    expect(found.dataset.take).to.equal('/"* </script>*');
  });
});
