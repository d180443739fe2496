/** The hidden iframe. */

/**
 * Of no size rather than `display: none` or off-screen: those get their timers throttled in Chromium.
 * Outside `<body>`, which SPA routers replace.
 */
export function addFrame(url: string, nonce: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.src = `${url}#${nonce}`;
  frame.title = 'hadoken';
  frame.tabIndex = -1;
  frame.ariaHidden = 'true';
  frame.style.cssText = 'position:absolute;width:0;height:0;border:0';
  document.documentElement.append(frame);
  return frame;
}

/** 128 random bits. Not `crypto.randomUUID`: that needs a secure context, which a page from 2009 may not be. */
export function makeNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-');
}
