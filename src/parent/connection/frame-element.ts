/** The hidden iframe, and its place in the page. */
import { fromDocument } from './page-document.ts';

/**
 * A frame that is not rendered can't take the focus of an element, and an inline `!important` is
 * above all CSS of a page.
 */
const STYLE = 'display:none!important';

/**
 * What the frame's own code needs. Without the rest, a frame that has fallen to an attacker can't
 * navigate the page, open dialogs and popups, submit forms or start downloads.
 */
const SANDBOX = 'allow-scripts allow-same-origin';

/** Elements of HTML, in documents of other kinds too. */
const HTML = 'http://www.w3.org/1999/xhtml';

/** The frame, and the element that the page sees in its place: as `activeElement`, for example. */
export type FrameElement = { frame: HTMLIFrameElement; host: HTMLElement };

function create<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name] {
  const element = fromDocument('createElementNS').call(document, HTML, name);
  return element as HTMLElementTagNameMap[Name];
}

/**
 * Adds the frame to the page, until `signal` aborts, and calls `onWiped` as soon as the page has
 * removed it. It is the last in `<head>`, in a closed shadow root, so that neither
 * `querySelector('iframe')` nor `window.length` nor a selector between `head` and `body` sees it,
 * and no hydration: React 18 bears with elements that it does not know at the end of `<head>`
 * alone. Its root is in a noscript element because Turbo Drive (8) keeps those, styles and scripts,
 * when it goes to another page, and removes all else. A script with children is reported by Firefox
 * (153) under trusted types, and a style, of whatever type, by Chromium (156) under `style-src`.
 * @see https://github.com/hotwired/turbo/blob/v8.0.13/src/core/drive/head_snapshot.js
 * @see https://github.com/facebook/react/tree/v18.3.1 `popHydrationState`: which elements it spares
 */
export function addFrame(src: string, signal: AbortSignal, onWiped: () => void): FrameElement {
  const [place, host, frame] = [create('noscript'), create('div'), create('iframe')];
  // The sandbox is that of the document that is loaded next, so it is there before the frame is in
  // the page.
  frame.setAttribute('sandbox', SANDBOX);
  Object.assign(frame, { src, title: 'hadoken', style: STYLE });
  const root = host.attachShadow({ mode: 'closed' });
  root.appendChild(frame);
  place.className = 'hadoken';
  place.appendChild(host);
  (fromDocument('head') ?? fromDocument('documentElement')).appendChild(place);

  const observer = new MutationObserver(() => frame.isConnected || onWiped());
  observer.observe(root, { childList: true });
  for (let node: Node | null = host; node; node = node.parentNode)
    observer.observe(node, { childList: true });
  signal.addEventListener('abort', () => {
    observer.disconnect();
    place.parentNode?.removeChild(place);
  });
  return { frame, host };
}

/**
 * 128 random bits. Not `crypto.randomUUID`: that needs a secure context, which a page from 2009 may
 * not be.
 */
export function makeNonce(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
