/** The iframe is a guest in the page: scripts, selectors and frameworks that know nothing of it meet it nowhere. */
import { expect } from '@esm-bundle/chai';
import type { Hadoken, HadokenError } from '../../src/parent/index.ts';
import { env, frameUrl, requestLog, uniqueId, until } from '../support/env.ts';
import { type InnerPage, openInnerPage, runScripts } from '../support/inner-page.ts';

type Mortal = { life(): number };

const script = frameUrl('mortal').replace('frame.html', 'hadoken.js');
const include = `<script src="${script}"></script>`;
const lifeOf = (hadoken: Hadoken): Promise<number> => hadoken.service<Mortal>('mortal').life();

let page: InnerPage;
afterEach(() => {
  page.window.hadoken?.close?.();
  page.close();
});

describe('the frame in the page', () => {
  const html = (head: string, body = ''): string =>
    `<!doctype html><html><head>${head}</head><body>${body}</body></html>`;
  const documents: Record<string, string> = {
    'the first in <head>': html(`${include}<meta name="a"><title>t</title><style></style>`),
    'the last in <head>': html(`<meta name="a"><title>t</title><style></style>${include}`),
    'the only one in a document without tags': include,
    'in <body>': html('<title>t</title>', `<p></p>${include}<p></p>`),
    async: html(`<script async src="${script}"></script><title>t</title>`, '<p></p>'),
  };
  for (const [where, source] of Object.entries(documents))
    it(`is seen by nobody, and stands last in <head>, after a script that is ${where}`, async () => {
      page = await openInnerPage(source);
      const { window } = page;
      const { document } = window;
      await window.hadoken.ready;
      expect(window.length).to.equal(0);
      expect(window.frames[0]).to.equal(undefined);
      expect(document.querySelectorAll('iframe').length).to.equal(0);
      expect(document.getElementsByTagName('iframe')).to.have.length(0);
      expect(document.querySelector('head + body') === document.body).to.equal(true);
      expect([...document.documentElement.children]).to.deep.equal([document.head, document.body]);
      const last = document.head.lastElementChild as Element;
      expect([last.className, last.textContent]).to.deep.equal(['hadoken', '']);
      expect(document.querySelectorAll('.hadoken')).to.have.length(1);
      expect(last.firstElementChild?.shadowRoot).to.equal(null);
      expect(document.styleSheets).to.have.length(where.includes('<head>') ? 1 : 0);
      expect((await window.hadoken.fetch('/api/echo')).status).to.equal(200);
      window.hadoken.close();
      expect(document.querySelectorAll('.hadoken').length).to.equal(0);
    });

  it('asks for nothing of a policy that wants trusted types and no scripts', async () => {
    const policy = `script-src ${env.push}; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;
    page = await openInnerPage(
      html(`<meta http-equiv="content-security-policy" content="${policy}">${include}`),
    );
    const { window } = page;
    const violations: string[] = [];
    window.addEventListener('securitypolicyviolation', (event) =>
      violations.push((event as SecurityPolicyViolationEvent).effectiveDirective),
    );
    const other = window.hadoken.connect(frameUrl('everything'));
    await other.ready;
    other.close();
    expect(violations).to.deep.equal([]);
  });
});

describe('a whole document that React 18 hydrates', () => {
  /** The document's HTML, and what renders it; `title` is the client's, which may differ from the server's. */
  const html = (title: string, extra = ''): string =>
    `<!doctype html><html lang="en"><head>${include}<meta charset="utf-8"/><title>${title}</title></head>` +
    `<body><button>clicked <!-- -->0</button></body>${extra}</html>`;
  const hydrate = async (heading?: string): Promise<unknown[]> => {
    await runScripts(
      page,
      'react-18/umd/react.production.min.js',
      'react-dom-18/umd/react-dom.production.min.js',
    );
    const { React, ReactDOM, document } = page.window;
    const { createElement: element, useEffect, useState } = React;
    const errors: unknown[] = [];
    await new Promise((resolve) => {
      const App = (): unknown => {
        const [count, setCount] = useState(0);
        useEffect(resolve, []);
        return element(
          'html',
          { lang: 'en' },
          element(
            'head',
            null,
            element('script', { src: script }),
            element('meta', { charSet: 'utf-8' }),
            element('title', null, 'whole'),
          ),
          element(
            'body',
            null,
            heading && element('h1', null, heading),
            element('button', { onClick: () => setCount(count + 1) }, 'clicked ', count),
          ),
        );
      };
      ReactDOM.hydrateRoot(document, element(App), {
        onRecoverableError: (error: unknown) => errors.push(error),
      });
    });
    return errors;
  };

  it('is hydrated, and keeps its frame', async () => {
    page = await openInnerPage(html('whole'));
    const { hadoken, document } = page.window;
    const life = await lifeOf(hadoken);
    const button = document.querySelector('button') as HTMLButtonElement;
    expect(await hydrate()).to.deep.equal([]);
    button.click();
    await until(() => button.textContent === 'clicked 1');
    expect(document.querySelector('button') === button).to.equal(true);
    expect(await lifeOf(hadoken)).to.equal(life);
  });

  it('is not, over what is no child of <head> or <body>: this test would notice', async () => {
    page = await openInnerPage(html('whole'));
    page.window.document.documentElement.append(page.window.document.createElement('div'));
    expect(await hydrate()).not.to.deep.equal([]);
  });

  it('has its frame made again at once when the whole document is wiped', async () => {
    page = await openInnerPage(html('whole'));
    const { hadoken, document } = page.window;
    const life = await lifeOf(hadoken);
    const states: string[] = [];
    hadoken.on('statechange', (state) => states.push(state));
    const [get, post] = [uniqueId(), uniqueId()];
    const statusOf = ({ status }: Response): unknown => status;
    const calls = [
      hadoken.fetch(`/api/slow?ms=5000&id=${get}`).then(statusOf),
      hadoken
        .fetch(`/api/hang?id=${post}`, { method: 'POST' })
        .then(statusOf, ({ code }: HadokenError) => code),
    ];
    await until(async () => (await requestLog(get)).length && (await requestLog(post)).length);
    expect(await hydrate('the client has more than the server')).not.to.deep.equal([]);
    expect(document.querySelector('h1') !== null).to.equal(true);
    expect(states[0]).to.equal('reconnecting');
    expect(hadoken.error?.message ?? '').to.contain('removed');
    expect(await Promise.all(calls)).to.deep.equal([200, 'FRAME_LOST']);
    expect(await requestLog(get)).to.have.length(2);
    expect(await requestLog(post)).to.have.length(1);
    expect(await lifeOf(hadoken)).not.to.equal(life);
  });
});

describe('a page that Turbo Drive navigates', () => {
  it('keeps its frame, and what is under way', async () => {
    page = await openInnerPage('/pages/turbo.html');
    const { window } = page;
    const { hadoken, document } = window;
    const life = await lifeOf(hadoken);
    const { Turbo } = window as unknown as { Turbo: { visit(url: string): void } };
    const id = uniqueId();
    const post = hadoken.fetch(`/api/slow?ms=1500&id=${id}`, { method: 'POST' });
    await until(async () => (await requestLog(id)).length);
    const visit = async (go: () => void, text: string): Promise<void> => {
      const loaded = new Promise((resolve) =>
        document.addEventListener('turbo:load', resolve, { once: true }),
      );
      go();
      await loaded;
      expect(document.querySelector('#which')?.textContent).to.equal(text);
    };
    await visit(() => Turbo.visit('/pages/turbo-second.html'), 'second');
    expect(!document.querySelector('meta[name=only-here]'), 'it has changed <head>').to.equal(true);
    await visit(() => window.history.back(), 'first');
    expect(document.querySelectorAll('.hadoken')).to.have.length(1);
    expect((await post).status).to.equal(200);
    expect(await requestLog(id)).to.have.length(1);
    expect(await lifeOf(hadoken)).to.equal(life);
  });
});

describe('a page that removes the frame', () => {
  const wipes: Record<string, (document: Document) => void> = {
    'all that is in <head>': ({ head }) => head.replaceChildren(),
    'what it does not know of <head>': ({ head }) => head.lastElementChild?.remove(),
    '<head>': ({ head }) => head.remove(),
    '<head> for another': (document) => document.head.replaceWith(document.createElement('head')),
    'all that is in the document': ({ documentElement }) => {
      documentElement.innerHTML = '<head></head><body></body>';
    },
    'its root': (document) => document.documentElement.replaceWith(document.createElement('html')),
    'all of it, by document.open()': (document) => {
      document.open();
      document.write('<p>another page');
      document.close();
    },
  };
  for (const [what, wipe] of Object.entries(wipes))
    for (const when of ['while it connects', 'once it is connected'])
      it(`is noticed in the same turn, ${when}: ${what}`, async () => {
        page = await openInnerPage('<!doctype html><title>t</title><body>');
        const tag = page.window.document.createElement('script');
        Object.assign(tag, { src: script });
        tag.dataset.manual = '';
        await new Promise((resolve) => {
          tag.onload = resolve;
          page.window.document.body.append(tag);
        });
        const { window } = page;
        const hadoken = window.hadoken.connect(frameUrl('mortal'), {
          heartbeat: 600_000,
          timeout: 600_000,
          reconnectionDelay: 20,
          log: 'silent',
        });
        const life = when.startsWith('once') ? await lifeOf(hadoken) : undefined;
        wipe(window.document);
        await new Promise((resolve) => setTimeout(resolve));
        expect(hadoken.error).to.include({ code: 'FRAME_LOST' });
        expect(hadoken.error?.message).to.contain('removed');
        expect(await lifeOf(hadoken)).not.to.equal(life);
        hadoken.close();
      });
});
