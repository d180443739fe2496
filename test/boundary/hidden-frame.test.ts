/** The iframe, in a page that would show it, or give it more than it needs. */
import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { frameUrl } from '../support/env.ts';

describe('the hidden frame', () => {
  let hadoken: ReturnType<typeof connect>;
  let sheet: HTMLStyleElement;
  beforeEach(async () => {
    hadoken = connect(frameUrl(), { log: 'silent' });
    sheet = document.head.appendChild(document.createElement('style'));
    await hadoken.ready;
  });
  afterEach(() => {
    hadoken.close();
    sheet.remove();
  });

  const frame = (): HTMLIFrameElement =>
    hiddenFrames(`[src^="${frameUrl()}"]`)[0] as HTMLIFrameElement;
  const shows = 'display: block !important; width: 100% !important; min-height: 315px !important;';

  for (const [what, css] of Object.entries({
    'of all iframes': `iframe { ${shows} position: static !important; }`,
    'of its title and its place': `html > iframe[title="hadoken"][src] { ${shows} }`,
    'of many ids in one selector': `:is(iframe, #a#b#c#d#e) { ${shows} }`,
    'in a layer': `@layer a, b; @layer a { iframe { ${shows} } }`,
    'of no specificity': `:where(iframe) { ${shows} }`,
    'that resets all': `iframe { all: initial !important; display: inline !important; }`,
    'that reverts': `iframe { all: revert !important; display: revert-layer !important; }`,
    'that animates': `@keyframes show { from, to { display: block; } } iframe { animation: show 9s infinite !important; }`,
    'that starts a transition': `iframe { transition: display 9s allow-discrete !important; }
      @starting-style { iframe { ${shows} } }`,
    'for what is hidden': `[style*="none"], [hidden], iframe:not([allowfullscreen]) { ${shows} visibility: visible !important; }`,
    'around it': `html { display: grid !important; } html > * { display: contents !important; ${shows} }`,
  }))
    it(`is not shown by CSS ${what}`, async () => {
      sheet.textContent = css;
      for (const _ of [1, 2]) {
        expect(getComputedStyle(frame()).display).to.equal('none');
        expect(frame().getBoundingClientRect().height).to.equal(0);
        await new Promise(requestAnimationFrame);
      }
    });

  it('is in its sandbox before it is in the page, and asks for nothing that it does not need', async () => {
    expect(frame().getAttribute('sandbox')).to.equal('allow-scripts allow-same-origin');
    const seen: (string | null)[] = [];
    const observer = new MutationObserver((records) => {
      for (const { type, oldValue } of records) seen.push(`${type} ${oldValue}`);
    });
    observer.observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeOldValue: true,
    });
    const other = connect(frameUrl('fetch-only'), { log: 'silent' });
    await other.ready;
    observer.disconnect();
    other.close();
    expect(seen).to.deep.equal(['childList null']);
  });
});
