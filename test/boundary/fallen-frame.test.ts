/** A frame that has fallen to an attacker, against the page around it. What takes real keys or a folder: test/node/fallen-frame.test.mjs. */
import { expect } from '@esm-bundle/chai';
import type { Hadoken } from '../../src/parent/index.ts';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl, requestLog, uniqueId, until } from '../support/env.ts';
import { type Attack, connectThere, runInFrame } from '../support/fallen-frame.ts';

/** Self-contained code for a frame: `html` there, of which `element` is clicked or submitted. */
const act = (html: string, action: string): Attack =>
  new Function(
    'url',
    `document.body.innerHTML = ${JSON.stringify(html)}.replace('URL', url);
     document.querySelector('#it').${action}();`,
  ) as Attack;

/** Each asks the server for `url`, in a window or by a download, unless it is kept from it. */
const navigations: Record<string, Attack> = {
  'top.location': (url) => {
    (top as Window).location.href = url;
  },
  'parent.location.replace()': (url) => parent.location.replace(url),
  'a link with target=_top': act('<a id="it" target="_top" href="URL">it</a>', 'click'),
  'a link with target=_parent': act('<a id="it" target="_parent" href="URL">it</a>', 'click'),
  'a link below <base target=_top>': act(
    '<base target="_top"><a id="it" href="URL">it</a>',
    'click',
  ),
  'a form with target=_top': act(
    '<form id="it" target="_top" method="post" action="URL"></form>',
    'submit',
  ),
  'a form in the frame': act('<form id="it" method="post" action="URL"></form>', 'submit'),
  'a button of a form': act(
    '<form target="_top" action="URL" method="post"><button id="it"></button></form>',
    'click',
  ),
  "open(…, '_top')": (url) => void open(url, '_top'),
  "open(…, '_parent')": (url) => void open(url, '_parent'),
  "open(…, 'sibling'), the name of another frame of the page": (url) => void open(url, 'sibling'),
  'open()': (url) => void open(url),
  'open() of a blank window': () => open() && 'opened',
  'a link with target=_blank': act('<a id="it" target="_blank" href="URL">it</a>', 'click'),
  'a form with target=_blank': act(
    '<form id="it" target="_blank" method="post" action="URL"></form>',
    'submit',
  ),
  'a download': act('<a id="it" download href="URL">it</a>', 'click'),
};

describe('a frame that has fallen', () => {
  let page: AttackerPage;
  let href: string;
  beforeEach(async () => {
    // A window of its own: what is tried there on `top` is not tried on the test runner.
    page = await openAttacker(attackerUrl(env.app), { as: 'window' });
    await page.run(connectThere, frameUrl('fallen'));
    href = page.window.location.href;
  });
  afterEach(() => page.close());

  const attack = (what: Attack, url = ''): Promise<unknown> => page.run(runInFrame, what, url);

  for (const [what, navigate] of Object.entries(navigations))
    it(`opens, moves, posts or saves nothing by ${what}`, async () => {
      const id = uniqueId();
      await page.run(() => {
        document.body.append(Object.assign(document.createElement('iframe'), { name: 'sibling' }));
      });
      const outcome = await attack(navigate, `${env.push}/api/echo?id=${id}`);
      if (outcome !== undefined) expect(outcome).to.match(/^(SecurityError|InvalidAccessError)/);
      // Firefox drops a download when its answer has come.
      if (env.engine === 'firefox' && what === 'a download')
        await until(async () => (await requestLog(id)).length === 1);
      else {
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(await requestLog(id)).to.deep.equal([]);
      }
      expect(page.window.location.href).to.equal(href);
    });

  for (const [what, take] of Object.entries<Attack>({
    'input.focus()': () => document.body.appendChild(document.createElement('input')).focus(),
    'window.focus()': () => window.focus(),
    'window.focus() in what it edits': () => {
      document.designMode = 'on';
      window.focus();
      document.body.focus();
    },
  }))
    it(`does not keep the focus that it takes from an input by ${what}`, async () => {
      const focused = await page.run(
        async (run, attack: Attack) => {
          const { hadoken } = globalThis as unknown as { hadoken: Hadoken };
          const root = document.body
            .appendChild(document.createElement('div'))
            .attachShadow({ mode: 'open' });
          root.innerHTML = '<input>';
          const input = root.querySelector('input') as HTMLInputElement;
          input.focus();
          const gone = new Promise((resolve) => hadoken.on('disconnect', resolve));
          await Promise.race([run(attack), gone]);
          return { isKept: root.activeElement === input, frame: document.activeElement?.nodeName };
        },
        runInFrame,
        take,
      );
      expect(focused).to.deep.equal({ isKept: true, frame: 'DIV' });
    });

  it('does not scroll the page', async () => {
    const scrolled = await page.run(
      async (run, attack: Attack) => {
        document.body.style.height = '9000px';
        await run(attack);
        return scrollY;
      },
      runInFrame,
      () => {
        document.body.innerHTML = '<p style="margin-top: 5000px" tabindex="0" id="far">far</p>';
        const far = document.querySelector('#far') as HTMLElement;
        far.scrollIntoView();
        far.focus();
        location.hash = 'far';
      },
    );
    expect(scrolled).to.equal(0);
  });

  /** The page is between two steps, and asks for the next after the frame's `move`: where does it get first? */
  const stepAfter = (move: Attack): Promise<string | null> =>
    page.run(
      async (run, attack: Attack) => {
        const popped = (): Promise<string> =>
          new Promise((resolve) =>
            addEventListener('popstate', ({ state }) => resolve(state), { once: true }),
          );
        history.replaceState('first', '');
        history.pushState('second', '');
        history.pushState('third', '');
        const back = popped();
        history.back();
        await back;
        const next = popped();
        await run(attack);
        history.forward();
        return Promise.race([
          next,
          new Promise((resolve) => setTimeout(() => resolve(history.state), 4_000)),
        ]);
      },
      runInFrame,
      move,
    );
  // The HTML standard keeps a sandboxed frame from it. Firefox (153) and WebKit (WebKitGTK 2.50) don't, and no other
  // attribute does: SECURITY.md says so, and these tests tell when one of them begins to.
  // See https://github.com/whatwg/html/pull/4787, wpt/navigation-api/navigation-methods/sandboxing-back-parent.html.
  const isKept = env.engine === 'chromium';
  for (const [what, move, honest] of [
    ['history.back()', () => history.back(), 'third'],
    ['history.go(-1)', () => history.go(-1), 'third'],
    [
      'history.go(-3), past steps of its own',
      () => {
        history.pushState('own', '');
        history.pushState('own', '');
        history.go(-3);
      },
      // The frame's steps have taken the place of the page's third.
      'second',
    ],
  ] as [string, Attack, string][])
    it(`${isKept ? 'does not move' : 'moves, for this engine lets it,'} the page by ${what}`, async () => {
      expect(await stepAfter(move)).to.equal(isKept ? honest : 'first');
    });

  it('can add steps to the history of the tab, which go back in the frame and not in the page', async () => {
    const before = page.window.history.length;
    await attack(() => {
      for (const step of [1, 2]) history.pushState(step, '');
    });
    expect(page.window.history.length - before).to.equal(2);
    const moved = await page.run(
      async (run, attack: Attack) => {
        let moved = false;
        addEventListener('popstate', () => {
          moved = true;
        });
        history.back();
        await run(attack);
        return moved;
      },
      runInFrame,
      () => new Promise((resolve) => addEventListener('popstate', resolve, { once: true })),
    );
    expect(moved).to.equal(false);
  });
});
