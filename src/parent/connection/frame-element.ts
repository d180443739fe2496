/** The hidden iframe. */
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

/** Adds the frame to the page, outside `<body>`, which routers of single-page apps replace. */
export function addFrame(src: string): HTMLIFrameElement {
  const frame = fromDocument('createElement').call(document, 'iframe') as HTMLIFrameElement;
  // The sandbox is that of the document that is loaded next, so it is there before the frame is in
  // the page.
  frame.setAttribute('sandbox', SANDBOX);
  Object.assign(frame, { src, title: 'hadoken', style: STYLE });
  fromDocument('documentElement').append(frame);
  return frame;
}

/**
 * 128 random bits. Not `crypto.randomUUID`: that needs a secure context, which a page from 2009 may
 * not be.
 */
export function makeNonce(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
