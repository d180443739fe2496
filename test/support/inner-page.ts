/** A page of the app's origin in an iframe of the test's, parsed from HTML, whose window the test can use. */
import type { connect, Hadoken } from '../../src/parent/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: libraries that are loaded as plain scripts
type Untyped = any;

export type InnerWindow = Window &
  typeof globalThis &
  Record<string, Untyped> & { hadoken: Hadoken & { connect: typeof connect } };

export type InnerPage = { window: InnerWindow; close(): void };

/** Resolves once it is loaded. `source` is HTML, or the URL of a page. */
export async function openInnerPage(source: string): Promise<InnerPage> {
  const frame = document.createElement('iframe');
  if (source.startsWith('<')) frame.srcdoc = source;
  else frame.src = source;
  const loaded = new Promise((resolve) => {
    frame.onload = resolve;
  });
  document.body.append(frame);
  await loaded;
  return {
    get window() {
      return frame.contentWindow as InnerWindow;
    },
    close() {
      frame.remove();
    },
  };
}

/**
 * Runs files as scripts of that page, without a trace in its document: of node_modules, and with a slash before it what
 * test/support/bundles.mjs makes.
 */
export async function runScripts({ window }: InnerPage, ...files: string[]): Promise<void> {
  for (const file of files) {
    const response = await fetch(file.startsWith('/') ? file : `/node_modules/${file}`);
    if (!response.ok) throw new Error(`${file}: ${response.status}`);
    // The runner's esbuild puts this before every script, and old ones don't bear it.
    window.eval((await response.text()).replace(/^"use strict";/, ''));
  }
}
