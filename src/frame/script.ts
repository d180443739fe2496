/**
 * frame.js: the global `hadokenFrame`, and the site's host.js loaded beside it, in the frame's window and again
 * in the worker.
 */
import { HadokenError } from '../rpc/errors.ts';
import { createGate } from './gate.ts';
import type { ServeOptions } from './options.ts';
import { serveInWindow, serveInWorker } from './serve.ts';

const inWindow = typeof document !== 'undefined';
const own = inWindow ? (document.currentScript as HTMLScriptElement | null)?.src : self.location.href;
const hostFile = new URL('host.js', own).href;
let served = false;

/** See {@link ServeOptions}. Call it once, in host.js. */
function serve(options: ServeOptions): void {
  if (inWindow) serveInWindow(options, own ? { url: own, type: 'classic' } : undefined);
  else serveInWorker(options);
  served = true;
}

(globalThis as Record<string, unknown>).hadokenFrame = { serve, HadokenError };

if (inWindow) {
  const gate = createGate(
    window,
    () => {},
    () => {},
  );
  const script = document.createElement('script');
  let threw = false;
  window.addEventListener('error', () => {
    threw = true;
  });
  script.src = hostFile;
  script.onerror = () => gate.fail('missing', hostFile);
  script.onload = () => {
    if (!served) gate.fail(threw ? 'threw' : 'silent', hostFile);
  };
  document.head.append(script);
} else {
  (self as unknown as { importScripts(url: string): void }).importScripts(hostFile);
}
