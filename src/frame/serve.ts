/** `serve()`: in a window it opens the gate and starts the host; in the worker it is the host. */
import { HadokenError } from '../rpc/errors.ts';
import { parseOrigins } from '../rpc/origins.ts';
import { canStream } from './ajax/can-stream.ts';
import { createConfinement } from './ajax/csp.ts';
import { uploadByXhr } from './ajax/upload.ts';
import type { Effects } from './effects.ts';
import type { Gate } from './gate/gate.ts';
import { listenInWorker, type Script, startWorker } from './gate/worker.ts';
import { createHost, type Host, refuseEntry } from './host.ts';
import type { ServeOptions } from './options.ts';
import { createSessionStore } from './push/session-store.ts';

let served = false;

/**
 * A second call would open a second gate, and the page would take its HELLO for a frame loaded
 * anew.
 */
function serveOnce(): void {
  if (served)
    throw new HadokenError(
      'INVALID_ARGUMENT',
      'serve() was called twice. Give it all pages in one call.',
    );
  served = true;
}

function effectsOf(origin: string): Effects {
  const fetch = globalThis.fetch.bind(globalThis);
  return {
    origin,
    fetch: (request) => fetch(request),
    // frame.io.js: rollup.config.mjs makes a chunk of it, beside whichever script this is part of.
    loadIo: () => import('./push/socket-io-client.ts'),
    sessions: createSessionStore(),
    WebSocket: globalThis.WebSocket,
    upload: uploadByXhr,
    // A worker has the policy of its script, a window that of its document.
    isConfined: createConfinement(globalThis.location.href, origin, fetch),
    canStream: () => canStream(origin),
    log: (message) => console.warn(`[hadoken] ${message}`),
  };
}

/**
 * Serves pages from the frame's window: the gate here, the host in a worker, or here where none can
 * be started. Throws INVALID_ARGUMENT for options that can't be read, before any page is told that
 * somebody is there.
 */
export function serveInWindow(options: ServeOptions, script: Script | undefined, gate: Gate): void {
  serveOnce();
  const effects = effectsOf(window.location.origin);
  const inWindow = createHost(options, effects);
  const start = async (): Promise<Host> => {
    try {
      if (script) return await startWorker(script, gate.bye);
    } catch (error) {
      effects.log(`the host runs in the frame's window: ${(error as Error).message}`);
    }
    return inWindow;
  };
  let starting: Promise<Host> | undefined;
  gate.open(parseOrigins(options.origins), {
    // The worker is started for an allowed page alone: see ARCHITECTURE.md, "The frame, the gate
    // and the worker".
    admit(entry) {
      starting ??= start();
      const admitted = starting.then((host) => host.admit(entry));
      return {
        freeze: () => void admitted.then((guest) => guest.freeze()),
        thaw: () => void admitted.then((guest) => guest.thaw()),
      };
    },
    refuse: (entry) => refuseEntry(entry, effects.origin),
  });
}

/** Serves pages from the worker that the gate started. */
export function serveInWorker(options: ServeOptions): void {
  serveOnce();
  listenInWorker(createHost(options, effectsOf(self.location.origin)));
}
