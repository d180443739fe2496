/** `serve()`: in a window it opens the gate and starts the host; in the worker it is the host. */
import { HadokenError } from '../rpc/errors.ts';
import { parseOriginPattern } from '../rpc/origins.ts';
import { createGate, type Entry, type Gate } from './gate.ts';
import { createHost, type Effects, refuseEntry } from './host.ts';
import type { ServeOptions } from './options.ts';
import { listenInWorker, startWorker } from './worker.ts';

/** Where the frame's own script is, so that a worker can run it again. */
export type Script = { url: string; type: WorkerType };

export type Served = { gate: Gate };

function checkOptions(options: ServeOptions): void {
  if (!Array.isArray(options?.origins) || options.origins.length === 0)
    throw new HadokenError(
      'INVALID_ARGUMENT',
      "serve(): origins is missing. Name the pages that may use this frame: serve({ origins: ['https://app.example.com'] }).",
    );
}

function effectsOf(origin: string): Effects {
  return {
    origin,
    fetch: globalThis.fetch.bind(globalThis),
    log: (message) => console.warn(`[hadoken] ${message}`),
  };
}

/** Serves pages from the frame's window: the gate here, the host in a worker, or here where none can be started. */
export function serveInWindow(options: ServeOptions, script: Script | undefined): Gate {
  checkOptions(options);
  const { origin } = window.location;
  const effects = effectsOf(origin);
  const patterns = options.origins.map(parseOriginPattern);
  let hand: Promise<(entry: Entry) => void> | undefined;
  const start = async (): Promise<(entry: Entry) => void> => {
    try {
      if (script) return await startWorker(script);
    } catch (error) {
      effects.log(`the host runs in the frame's window: ${String((error as Error)?.message ?? error)}`);
    }
    return createHost(options, effects);
  };
  // The worker is started for an allowed page alone: see DESIGN, "The way of one call".
  const gate = createGate(
    window,
    (entry) => {
      hand ??= start();
      void hand.then((host) => host(entry));
    },
    (entry) => refuseEntry(entry, origin),
  );
  gate.open(patterns);
  return gate;
}

/** Serves pages from the worker that the gate started. */
export function serveInWorker(options: ServeOptions): void {
  checkOptions(options);
  listenInWorker(createHost(options, effectsOf(self.location.origin)));
}
