/** The host's worker, seen from the gate and from inside. */
import { attempt } from '../../rpc/errors.ts';
import type { Host } from '../host.ts';
import type { JoinHub } from '../sharing.ts';
import {
  answerCookies,
  type CookieAnswer,
  type CookieQuestion,
  createCookieAsker,
  OWN_GATE_TIMEOUT,
} from './cookies.ts';
import type { Entry, Guest } from './gate.ts';

/**
 * Where the script is that a worker runs, so that the hub can run it too. `texts`: the URLs of all
 * that the site serves there, by which a hub is told from one of another release.
 */
export type Script = { url: string; type: WorkerType; texts: string[] };

/** How the host's worker is made. `script`: what it runs, where that is known before. */
export type WorkerSource = {
  create(): Worker;
  script?: Script;
  /** Tried where the first is refused, and not where it is only slow. */
  fallback?: WorkerSource;
};

/** A worker that runs `script`. */
export const workerOf = (script: Script): WorkerSource => ({
  create: () => new Worker(script.url, { type: script.type, name: 'hadoken' }),
  script,
});

/**
 * How long the gate waits for the worker's `serve()`, in ms, before the host runs in the window.
 */
const START_TIMEOUT = 5_000;
/** How long a worker that threw has for a sign of life, in ms, before it counts as dead. */
const LIFE_TIMEOUT = 2_000;

/** Gate to worker. `page` is a number that the gate gives, by which it names the page later. */
type GateOrder =
  | { hadoken: 'ENTRY'; page: number; entry: Entry; isSharing: boolean }
  | { hadoken: 'FREEZE' | 'THAW' | 'SEEN' | 'UNSEEN'; page: number }
  /** The page's line to the hub, or that there is none. */
  | { hadoken: 'HUB'; page: number; port?: MessagePort }
  | { hadoken: 'PING' }
  | { hadoken: 'END' }
  | CookieAnswer;
/** Worker to gate: `serve()` was called, by this script; I am alive; this page wants the hub. */
type WorkerWord =
  | { hadoken: 'READY'; url: string; type: WorkerType }
  | { hadoken: 'PONG' }
  | { hadoken: 'JOIN'; page: number }
  | CookieQuestion;

/** The host in `worker`. `onDeath` is called when it threw and then gave no sign of life. */
function hostBehind(worker: Worker, onDeath: () => void): Host {
  const order = (message: GateOrder, transfer: Transferable[] = []): void =>
    worker.postMessage(message, transfer);
  let dying: ReturnType<typeof setTimeout> | undefined;
  // An uncaught error is usually no more than that, and the browser has put it on the console. But
  // it is also all that can be seen from here of a worker that ran out of memory.
  worker.onerror = () => {
    if (dying !== undefined) return;
    dying = setTimeout(onDeath, LIFE_TIMEOUT);
    order({ hadoken: 'PING' });
  };
  const joins = new Map<number, JoinHub>();
  const join = async (page: number): Promise<void> => {
    const port = await joins.get(page)?.();
    order({ hadoken: 'HUB', page, ...(port && { port }) }, port ? [port] : []);
  };
  worker.onmessage = ({ data }: MessageEvent<WorkerWord>) => {
    if (data.hadoken === 'JOIN') void join(data.page);
    if (data.hadoken === 'COOKIES') order(answerCookies(data));
    if (data.hadoken !== 'PONG') return;
    clearTimeout(dying);
    dying = undefined;
  };
  let pages = 0;
  return {
    admit(entry, joinHub) {
      pages += 1;
      const page = pages;
      if (joinHub) joins.set(page, joinHub);
      order({ hadoken: 'ENTRY', page, entry, isSharing: !!joinHub }, [entry.port]);
      return {
        freeze: () => order({ hadoken: 'FREEZE', page }),
        thaw: () => order({ hadoken: 'THAW', page }),
        show: (isSeen) => order({ hadoken: isSeen ? 'SEEN' : 'UNSEEN', page }),
      };
    },
    // For a page without a hub: the gate knows the hub itself.
    endShared: async () => order({ hadoken: 'END' }),
  };
}

/** A worker that is given up. */
export class WorkerTimeout extends Error {
  constructor() {
    super(`its worker did not call serve() within ${START_TIMEOUT} ms`);
  }
}

export type StartedWorker = { host: Host; script: Script };

/**
 * Starts a worker; resolves with the host in it once that has called `serve()`. Rejects where
 * workers are refused (a Content-Security-Policy without worker-src), or when the script fails in
 * one.
 */
export function startWorker(source: WorkerSource, onDeath: () => void): Promise<StartedWorker> {
  return new Promise((resolve, reject) => {
    const worker = source.create();
    const fail = (error: Error): void => {
      clearTimeout(timer);
      worker.terminate();
      reject(error);
    };
    const timer = setTimeout(() => fail(new WorkerTimeout()), START_TIMEOUT);
    worker.onerror = (event) => {
      event.preventDefault?.();
      const why = event.message ?? 'the script did not load';
      fail(new Error(`its worker could not be started: ${why}`));
    };
    worker.onmessage = ({ data }: MessageEvent<WorkerWord>) => {
      if (data.hadoken !== 'READY') return;
      clearTimeout(timer);
      const { url, type } = data;
      const script = source.script ?? { url, type, texts: [url] };
      resolve({ host: hostBehind(worker, onDeath), script });
    };
  });
}

/** Says a word to the gate, from inside the worker. */
const say = (word: WorkerWord): void =>
  (self as unknown as DedicatedWorkerGlobalScope).postMessage(word);

/** Inside the worker: the cookies of the gate's window. */
export const cookiesOfGate = createCookieAsker(say, OWN_GATE_TIMEOUT);

/** Inside the worker: says READY, and does as the gate says. */
export function listenInWorker(host: Host): void {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  const guests = new Map<number, Guest>();
  /** Waiting for a line to the hub, by page. */
  const joining = new Map<number, (port: MessagePort | undefined) => void>();
  const joinHubOf = (page: number): JoinHub => {
    return () =>
      new Promise((resolve) => {
        joining.set(page, resolve);
        say({ hadoken: 'JOIN', page });
      });
  };
  // Only the window that made the worker can post to it.
  scope.onmessage = ({ data }: MessageEvent<GateOrder>) => {
    if (data.hadoken === 'PING') return say({ hadoken: 'PONG' });
    if (data.hadoken === 'END') return void host.endShared();
    if (data.hadoken === 'COOKIES') return cookiesOfGate.answer(data);
    const { page } = data;
    const guest = guests.get(page);
    if (data.hadoken === 'ENTRY') {
      const joinHub = data.isSharing ? joinHubOf(page) : undefined;
      guests.set(page, host.admit(data.entry, joinHub));
    } else if (data.hadoken === 'HUB') joining.get(page)?.(data.port);
    else if (data.hadoken === 'FREEZE') guest?.freeze();
    else if (data.hadoken === 'THAW') guest?.thaw();
    else guest?.show?.(data.hadoken === 'SEEN');
  };
  say({ hadoken: 'READY', url: self.location.href, type: typeOfThis() });
}

/** Only a classic worker has importScripts(): in a module it throws. */
function typeOfThis(): WorkerType {
  const scope = self as unknown as { importScripts(): void };
  const isClassic = attempt(() => {
    scope.importScripts();
    return true;
  });
  return isClassic ? 'classic' : 'module';
}

/**
 * What is used here of a DedicatedWorkerGlobalScope, which TypeScript's DOM library leaves to
 * another.
 */
type DedicatedWorkerGlobalScope = {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
};
