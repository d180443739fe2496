/** The hidden iframe. */

/**
 * Of no size rather than `display: none` or off-screen: those get their timers throttled in Chromium.
 * Outside `<body>`, which SPA routers replace.
 */
export function addFrame(src: string): HTMLIFrameElement {
  const frame = Object.assign(document.createElement('iframe'), {
    src,
    title: 'hadoken',
    tabIndex: -1,
    ariaHidden: 'true',
    style: 'position:absolute;width:0;height:0;border:0',
  });
  document.documentElement.append(frame);
  return frame;
}

/** 128 random bits. Not `crypto.randomUUID`: that needs a secure context, which a page from 2009 may not be. */
export function makeNonce(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
