import { connect } from '/sdk/hadoken.mjs';

/** The frame's address, written once, in the page's head. */
export const frameUrl = document.querySelector('meta[name="hadoken-frame"]').content;

/** The one client of this page. Everything may be called at once: calls wait until the frame is there. */
export const hadoken = connect(frameUrl, { log: 'warn', reconnectionDelayMax: 5_000 });

export const pushOrigin = new URL(frameUrl).origin;
export const isOneOrigin = pushOrigin === location.origin;
