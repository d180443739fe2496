/**
 * frame.js: the global `hadokenFrame`, and the site's host.js loaded beside it, in the frame's
 * window, again in the worker, and once more in the hub where something is shared.
 */
import { HadokenError, isHadokenError, toText } from '../rpc/errors.ts';
import { transfer } from '../rpc/transfer.ts';
import { createGate } from './gate/gate.ts';
import { type Script, workerOf } from './gate/worker.ts';
import type { ServeOptions } from './options.ts';
import { packed, packedSource } from './packed.ts';
import { withUrlPattern } from './rules/url-pattern.ts';
import {
  endShared,
  hubPorts,
  notify,
  serveInHub,
  serveInWindow,
  serveInWorker,
  vault,
} from './serve.ts';
import { service } from './services/service.ts';

/**
 * Before a host.js that did not load is asked for once more, in ms: a flaky network is no broken
 * site.
 */
const RETRY_DELAY = 500;

function expose(serve: (options: ServeOptions) => void): void {
  const hadokenFrame = {
    serve,
    endShared,
    vault,
    notify,
    service,
    transfer,
    HadokenError,
    isHadokenError,
  } satisfies typeof import('./index.ts');
  Object.assign(globalThis, { hadokenFrame });
}

const hostFile = (own: string): string => new URL('host.js', own).href;

function runInWindow(own: string): void {
  const gate = createGate(window);
  const file = hostFile(own);
  const plainScript: Script = { url: own, type: 'classic', texts: [own, file] };
  const fail = (why: string): void =>
    gate.refuse(
      'HOST_FAILED',
      `${packed ? `host.js in ${location.origin}${location.pathname}` : file} ${why}`,
    );
  let served = false;
  let threw = false;
  let retried = false;
  expose((options) => {
    const source = packed ? packedSource(packed) : workerOf(plainScript);
    serveInWindow(options, source, gate);
    served = true;
  });
  window.addEventListener('error', () => {
    threw = true;
  });

  const judge = (): void => {
    if (served) return;
    if (threw) fail('threw while it was loading. Its error is in the console.');
    else fail('did not call hadokenFrame.serve(). Call it while the script runs, not later.');
  };
  if (packed) {
    try {
      packed.host.call(globalThis as never);
    } catch (error) {
      // To the console, as of a script of its own.
      reportError(error);
    }
    return judge();
  }
  const load = (): void => {
    const script = document.createElement('script');
    script.src = file;
    script.onerror = () => {
      if (retried)
        return fail('could not be loaded. Put it beside frame.js, served as JavaScript.');
      retried = true;
      setTimeout(load, RETRY_DELAY);
    };
    script.onload = judge;
    document.head.append(script);
  };
  load();
}

function runInWorker(own: string): void {
  let served = false;
  expose((options) => {
    serveInWorker(options);
    served = true;
  });
  runHostFile(own);
  // The gate hears of it as the worker's error, and need not wait.
  if (!served) throw new Error('host.js did not call hadokenFrame.serve() there');
}

function runHostFile(own: string): void {
  if (packed) return packed.host.call(globalThis);
  (self as unknown as { importScripts(url: string): void }).importScripts(hostFile(own));
}

function runInHub(own: string): void {
  let served = false;
  expose((options) => {
    void serveInHub(options, packed ? [own] : [own, hostFile(own)]);
    served = true;
  });
  try {
    runHostFile(own);
    if (!served) hubPorts?.fail('host.js did not call hadokenFrame.serve() in the hub');
  } catch (error) {
    hubPorts?.fail(`host.js failed in the hub: ${toText(error)}`);
  }
}

const inWorker = typeof document === 'undefined';
const own = inWorker
  ? self.location.href
  : (document.currentScript as HTMLScriptElement | null)?.src || document.baseURI;
const run = hubPorts ? runInHub : inWorker ? runInWorker : runInWindow;
withUrlPattern(() => run(own));
