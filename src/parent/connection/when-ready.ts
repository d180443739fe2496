/** What a page is waited for, before it can have a frame. */
import { fromDocument } from './page-document.ts';

/**
 * Calls `run` now; where the page is prerendered, at its activation, unless `signal` aborts before.
 * Until then browsers hold back frames of other origins, so no deadline counts either. Chromium
 * (156) alone prerenders.
 * @see https://wicg.github.io/nav-speculation/prerendering.html
 */
export function whenActive(run: () => void, signal?: AbortSignal | undefined): void {
  // Node has no document, and a handle's deadlines are the same there.
  if (!globalThis.document || !fromDocument('prerendering' as keyof Document)) return run();
  // It does not bubble, so the window hears of it while it is captured.
  const options = { capture: true, once: true, ...(signal && { signal }) };
  addEventListener('prerenderingchange', run, options);
}

/**
 * Calls `run` as soon as `<head>` is complete, which a script in it can't wait for by itself: what
 * is added to an unfinished one comes to stand in the middle. See `addFrame` for why it has to be
 * the last.
 */
export function whenHeadIsComplete(run: () => void, signal: AbortSignal): void {
  const isComplete = (): boolean =>
    fromDocument('readyState') !== 'loading' || !!fromDocument('body');
  if (isComplete()) return run();
  const waiting = new AbortController();
  const over = AbortSignal.any([waiting.signal, signal]);
  const check = (): void => {
    if (over.aborted || !isComplete()) return;
    waiting.abort();
    run();
  };
  const observer = new MutationObserver(check);
  observer.observe(document, { childList: true, subtree: true });
  over.onabort = () => observer.disconnect();
  // A document of XML may have no body at all.
  addEventListener('readystatechange', check, { capture: true, signal: over });
}
