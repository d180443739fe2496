/**
 * Markup of an attacker's, above the script: names and ids that stand in for what a script reads of `document` and
 * `window`. Wherever a page shows what its users write, they may write these.
 */
import { expect } from '@esm-bundle/chai';
import type { connect, Hadoken } from '../../src/parent/index.ts';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl, requestLog, uniqueId } from '../support/env.ts';

type Scope = { hadoken: Hadoken & { connect: typeof connect } };
type Loaded = { frames: string[]; keys: string[]; errors: string[] };
type Include = { html: string; src: string; attributes?: Record<string, string> };

const script = frameUrl().replace('frame.html', 'hadoken.js');

/** In a page: `html`, and then the script. Resolves with the frames that it has made. */
async function include({ html, src, attributes = {} }: Include): Promise<Loaded> {
  const root = document.documentElement;
  const tag = document.createElement('script');
  for (const [name, value] of Object.entries({ ...attributes, src })) tag.setAttribute(name, value);
  const loaded = new Promise((resolve, reject) => {
    tag.onload = resolve;
    tag.onerror = reject;
  });
  const errors: string[] = [];
  addEventListener('error', ({ message }) => errors.push(message));
  root.insertAdjacentHTML('beforeend', html);
  root.append(tag);
  await loaded;
  const { hadoken } = globalThis as unknown as Scope;
  const frames = hiddenFrames().map(({ src }) => src.replace(/#.*/, ''));
  return { frames, keys: Object.keys(hadoken), errors };
}

/** In a page: is its client connected, and to what? */
const askConfig = async (): Promise<unknown> =>
  (await (globalThis as unknown as Scope).hadoken.ready).config;

/** Tags whose `name` or `id` is a member of `document`, with all that could pass for a script's attributes. */
const tags: Record<string, (name: string, evil: string) => string> = {
  'an image': (name, evil) => `<img name="${name}" data-frame="${evil}">`,
  'an image by its id': (name, evil) => `<img id="${name}" name="x" data-frame="${evil}">`,
  'two images of one name': (name, evil) => `<img name="${name}" data-frame="${evil}">`.repeat(2),
  'a form with fields': (name, evil) =>
    `<form name="${name}" data-frame="${evil}"><input name="src" value="${evil}"><input name="dataset"></form>`,
  'an embed': (name, evil) => `<embed name="${name}" data-frame="${evil}">`,
  'an object': (name, evil) => `<object id="${name}" data-frame="${evil}"></object>`,
  'a frame': (name, evil) => `<iframe name="${name}" srcdoc="" data-frame="${evil}"></iframe>`,
};

describe('markup above the script', () => {
  let page: AttackerPage;
  let id: string;
  let evil: string;
  beforeEach(async () => {
    page = await openAttacker(attackerUrl(env.app));
    id = uniqueId();
    evil = `${env.push}/pages/blank.html?id=${id}`;
  });
  afterEach(() => page.close());

  /** The script finds the frame beside it, and nobody has asked for the attacker's. */
  const expectHonest = async (html: string): Promise<void> => {
    const { frames, errors } = await page.run<Loaded>(include, { html, src: script });
    expect(errors).to.deep.equal([]);
    expect(frames).to.deep.equal([frameUrl()]);
    expect(await page.run(askConfig)).to.deep.equal({ release: 'test' });
    expect(await requestLog(id)).to.deep.equal([]);
  };

  for (const [what, write] of Object.entries(tags))
    it(`is not taken for the current script: ${what}`, () =>
      expectHonest(write('currentScript', evil)));

  for (const name of [
    'baseURI',
    'documentElement',
    'createElement',
    'addEventListener',
    'activeElement',
    'hasFocus',
    'head',
    'body',
    'querySelector',
    'defaultView',
  ])
    it(`does not stand in for document.${name}`, () =>
      expectHonest(Object.values(tags).reduce((html, write) => html + write(name, evil), '')));

  it('leaves relative URLs of frames what they are', async () => {
    await page.run(include, {
      html: tags['two images of one name']?.('baseURI', evil),
      src: script,
    });
    const frames = await page.run(() => {
      const { connect } = (globalThis as unknown as Scope).hadoken;
      connect('../hadoken/frame.html', { log: 'silent' });
      return hiddenFrames().map(({ src }) => src.replace(/#.*/, ''));
    });
    expect(frames).to.deep.equal([frameUrl(), `${env.app}/hadoken/frame.html`]);
  });

  it('does not connect what data-manual leaves alone', async () => {
    const html = tags['an image']?.('currentScript', evil) as string;
    const { frames, keys } = await page.run<Loaded>(include, {
      html,
      src: script,
      attributes: { 'data-manual': '' },
    });
    expect(frames).to.deep.equal([]);
    expect(keys).to.deep.equal(['connect', 'transfer', 'HadokenError', 'isHadokenError']);
  });

  it('does not connect a module, which has no current script', async () => {
    const html = tags['an image']?.('currentScript', evil) as string;
    const src = `${script}?header=${encodeURIComponent('access-control-allow-origin:*')}`;
    const { frames, keys } = await page.run<Loaded>(include, {
      html,
      src,
      attributes: { type: 'module' },
    });
    expect(frames).to.deep.equal([]);
    expect(keys).to.deep.equal(['connect', 'transfer', 'HadokenError', 'isHadokenError']);
  });

  it('does not connect a script of an SVG, which has no src', async () => {
    const keys = await page.run(async (src: string) => {
      const tag = document.createElementNS('http://www.w3.org/2000/svg', 'script');
      tag.setAttribute('href', src);
      tag.dataset.frame = 'frame.html';
      const loaded = new Promise((resolve, reject) => {
        tag.onload = resolve;
        tag.onerror = reject;
      });
      document.documentElement.append(tag);
      await loaded;
      return Object.keys((globalThis as unknown as Scope).hadoken);
    }, script);
    expect(keys).to.deep.equal(['connect', 'transfer', 'HadokenError', 'isHadokenError']);
  });

  for (const [what, html] of [
    ['a form with a field', '<form id="hadoken"><input name="hadokenQueue"></form>'],
    ['two links', '<a id="hadoken"></a><a id="hadoken" name="hadokenQueue" href="data:,"></a>'],
    ['two forms', '<form id="hadoken"></form><form id="hadoken" name="hadokenQueue"></form>'],
    ['an image', '<img name="hadoken">'],
    ['an object', '<object id="hadoken"></object>'],
    ['a frame', '<iframe name="hadoken" srcdoc="<a id=hadokenQueue>"></iframe>'],
    [
      'a frame of another origin',
      `<iframe name="hadoken" src="${env.shop}/pages/blank.html"></iframe>`,
    ],
  ] as const)
    it(`is not taken for what the loader has kept: ${what}`, () => expectHonest(html));

  it('is not taken for what the loader has kept: a frame of this origin that has a queue', async () => {
    const ran = await page.run(
      async (run, options: Include) => {
        const frame = document.createElement('iframe');
        frame.name = 'hadoken';
        document.body.append(frame);
        let ran = false;
        const step = (): void => {
          ran = true;
        };
        const window = frame.contentWindow as unknown as {
          Array: ArrayConstructor;
          hadokenQueue: unknown;
        };
        window.hadokenQueue = window.Array.of(step);
        const found = (globalThis as unknown as { hadoken: unknown }).hadoken === window;
        const { frames } = await run(options);
        return { found, ran, frames };
      },
      include,
      { html: '', src: script },
    );
    expect(ran).to.deep.equal({ found: true, ran: false, frames: [frameUrl()] });
  });
});

describe('the queue of the loader', () => {
  /** In a page: the script comes when `hadoken` has this queue. Which of its steps ran, with the real `hadoken`? */
  const replay = async (run: typeof include, options: Include, shape: string): Promise<unknown> => {
    const ran: string[] = [];
    const step =
      (name: string) =>
      (hadoken: object): void =>
        void ran.push(`${name} ${'connect' in hadoken}`);
    const queues: Record<string, unknown> = {
      'an array': [step('first'), step('second')],
      'an array with more than functions': ['text', null, step('first'), {}, 7, step('second')],
      'an object like an array': { length: 1, 0: step('first') },
      'an iterable': new Set([step('first')]),
      text: 'text',
      nothing: undefined,
    };
    Object.assign(globalThis, { hadoken: { hadokenQueue: queues[shape] } });
    const { errors } = await run(options);
    return { ran, errors };
  };

  for (const [shape, ran] of [
    ['an array', ['first true', 'second true']],
    ['an array with more than functions', ['first true', 'second true']],
    ['an object like an array', []],
    ['an iterable', []],
    ['text', []],
    ['nothing', []],
  ] as const)
    it(`is an array of functions: ${shape}`, async () => {
      const page = await openAttacker(attackerUrl(env.app));
      const options = { html: '<form id="hadoken"></form>', src: script };
      expect(await page.run(replay, include, options, shape)).to.deep.equal({ ran, errors: [] });
      page.close();
    });

  it('is kept and replayed below markup that has its name', async () => {
    const loader = await (await fetch('/dist/hadoken.loader.js')).text();
    const page = await openAttacker(attackerUrl(env.app));
    const found = await page.run(
      async (run, options: Include, code: string) => {
        document.body.innerHTML =
          '<form id="hadoken"><input name="hadokenQueue"></form><img name="currentScript">';
        const tag = document.createElement('script');
        tag.textContent = code;
        document.head.append(tag);
        const answer = (globalThis as unknown as Scope).hadoken
          .fetch('/api/echo')
          .then(({ status }) => status);
        const { errors } = await run(options);
        return { errors, status: await answer };
      },
      include,
      { html: '', src: script },
      loader,
    );
    expect(found).to.deep.equal({ errors: [], status: 200 });
    page.close();
  });
});
