/** The host's worker, seen from the gate and from inside. */
import type { Entry } from './gate.ts';
import type { Script } from './serve.ts';

/** How long the gate waits for the worker's `serve()`, in ms, before the host runs in the window. */
const START_TIMEOUT = 5_000;

type Ready = { hadoken: 'READY' };

/** Starts the frame's script in a worker; resolves with a way to hand ports on once it has called `serve()`. */
export function startWorker({ url, type }: Script): Promise<(entry: Entry) => void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { type, name: 'hadoken' });
    const fail = (why: string): void => {
      worker.terminate();
      reject(new Error(why));
    };
    const timer = setTimeout(fail, START_TIMEOUT, `its worker was not ready after ${START_TIMEOUT} ms`);
    worker.onerror = (event) => {
      clearTimeout(timer);
      fail(`its worker could not be started: ${event.message ?? 'the script did not load'}`);
    };
    worker.onmessage = ({ data }: MessageEvent<Ready>) => {
      if (data?.hadoken !== 'READY') return;
      clearTimeout(timer);
      worker.onerror = null;
      resolve((entry) => worker.postMessage(entry, [entry.port]));
    };
  });
}

/** Inside the worker: says READY, and gives every port that the gate hands on to `host`. */
export function listenInWorker(host: (entry: Entry) => void): void {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  scope.onmessage = ({ data }: MessageEvent<Entry>) => host(data);
  scope.postMessage({ hadoken: 'READY' } satisfies Ready);
}

/** What is used here of a DedicatedWorkerGlobalScope, which TypeScript's DOM library leaves to another. */
type DedicatedWorkerGlobalScope = {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
};
