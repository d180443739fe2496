/**
 * `serve()`: in a window it opens the gate and starts the host; in the worker it is the host, and
 * in the SharedWorker the hub.
 */
import { attempt, HadokenError, toText } from '../rpc/errors.ts';
import { parseOrigins } from '../rpc/origins.ts';
import { canStream } from './ajax/uploads/can-stream.ts';
import { createConfinement } from './ajax/uploads/csp.ts';
import { uploadByXhr } from './ajax/uploads/upload.ts';
import type { Effects } from './effects.ts';
import { readCookies } from './gate/cookies.ts';
import type { Gate, Guest } from './gate/gate.ts';
import { nameHub } from './gate/hub-name.ts';
import { openHubPorts } from './gate/hub-ports.ts';
import { createHubSeat, type HubSeat } from './gate/hub-seat.ts';
import {
  cookiesOfGate,
  listenInWorker,
  type StartedWorker,
  startWorker,
  type WorkerSource,
  WorkerTimeout,
} from './gate/worker.ts';
import { createHost, type Host, refuseEntry } from './host.ts';
import { createNotify, type Notify } from './notices.ts';
import type { SignedIn } from './options/vault.ts';
import type { NotifyOptions, ServeOptions } from './options.ts';
import { ownUrl } from './packed.ts';
import { sharesAny } from './rules/shared-streams.ts';
import { createSessionStore } from './storage/session-store.ts';
import { createResourceWatch } from './timing/resource-timing.ts';
import type { Vault } from './vault/contract.ts';

/** Opened at once: a page's gate may be there before this script is through. */
export const hubPorts = openHubPorts();

/** The module of a frame's page is not always the one that a worker can run. */
const NO_WORKER =
  'it was given no worker. See docs/frame-module.md, or put serve() into the one module ' +
  "of the frame's page that has a src";

/** What host.js works with in this scope, once it has called `serve()`. */
type Served = {
  /** Ends what is shared, as far as this scope knows of it. */
  endShared(): Promise<void>;
  notify: Notify;
  vault?: Vault | undefined;
};

let served = false;
/** Whether `serve()` was called before, in this scope. */
export const isServed = (): boolean => served;

let current: Served = {
  async endShared() {},
  notify() {
    throw new HadokenError('INVALID_ARGUMENT', 'notify() was called before serve().');
  },
};

/**
 * Ends every connection that the pages of this browser share, and what is kept to resume them: for
 * the moment a user signs out. Pages connect again at once, each as who it is by then. Resolves
 * once that is done by the page's own hub. A page that shares nothing, for there is no hub,
 * connects anew itself; where host.js shares nothing there is nothing to do.
 */
export function endShared(): Promise<void> {
  return current.endShared();
}

function currentVault(): Vault {
  if (current.vault) return current.vault;
  throw new HadokenError('INVALID_ARGUMENT', 'vault: serve() was given no vault in host.js.');
}

/** Signs in and out, where host.js has a {@link ServeOptions.vault}: for its services. */
export const vault = {
  /**
   * Signs out everywhere: no page of this browser has a token from now on, and none is asked for
   * until `signIn()`. A `refresh` that is under way is thrown away. Resolves once that is kept.
   * Rejects with INVALID_ARGUMENT where there is no vault.
   */
  async clear(): Promise<void> {
    await currentVault().clear();
  },
  /**
   * Somebody has signed in: whoever was before is not any more, in all tabs. With a token, that is
   * the one for the pages of `origin`; others are asked for by `refresh`. Rejects with
   * INVALID_ARGUMENT for a token without an origin, and where there is no vault.
   *
   * @example
   * await vault.signIn({ origin: this.origin, token, expiresIn: 3600 });
   */
  async signIn(who?: SignedIn): Promise<void> {
    await currentVault().signIn(who);
  },
};

/**
 * Tells every page of this browser that this `serve()` lets in, or those of `origins`: listeners of
 * `hadoken.on('notify', (name, data) => …)`, each once. For "signed out", "a new release is there".
 * `name`: 1 to 128 characters; `data` is copied by structured clone. Browsers keep pages apart that
 * are below different sites at the top level (in WebKit: different origins); those are not told.
 * Call it after `serve()`, in one of host.js' scopes: what is told in all of them is told each
 * time. Throws INVALID_ARGUMENT for what can't be read or cloned, and LIMIT_EXCEEDED for more than
 * 50 in a second.
 *
 * @example
 * services: { session: { signOut() { hadokenFrame.notify('signed-out', { by: this.origin }); } } }
 */
export function notify(name: string, data?: unknown, options?: NotifyOptions): void {
  current.notify(name, data, options);
}

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
    // Where the site sends `Referrer-Policy: no-referrer`, as helmet does, Firefox and WebKit would
    // say `Origin: null` of a POST, which a check against CSRF refuses.
    fetch(request) {
      const { referrer, referrerPolicy } = request;
      return fetch(request, { referrer, referrerPolicy: referrerPolicy || 'same-origin' });
    },
    // frame.io.js: rollup.config.mjs makes a chunk of it, beside whichever script this is part of.
    loadIo: () => import('./push/chunk.ts'),
    // frame.msgpack.js and frame.vault.js, likewise.
    loadMsgpack: () => import('./push/parser/msgpack.ts'),
    loadVault: () => import('./vault/chunk.ts'),
    sessions: createSessionStore(),
    openEndings: () => attempt(() => new BroadcastChannel('hadoken endShared')),
    openNotices: () => attempt(() => new BroadcastChannel('hadoken notify')),
    WebSocket: globalThis.WebSocket,
    watchResource: createResourceWatch(),
    upload: uploadByXhr,
    // A worker has the policy of its script, a window that of its document.
    isConfined: createConfinement(ownUrl, origin, fetch),
    canStream: () => canStream(origin),
    log: (message) => console.warn(`[hadoken] ${message}`),
  };
}

/**
 * Serves pages from the frame's window: the gate here, the host in a worker, or here where none can
 * be started. Throws INVALID_ARGUMENT for options that can't be read, before any page is told that
 * somebody is there.
 */
export function serveInWindow(
  options: ServeOptions,
  source: WorkerSource | undefined,
  gate: Gate,
): void {
  serveOnce();
  const effects: Effects = {
    ...effectsOf(window.location.origin),
    readCookies: async (names) => readCookies(names),
  };
  const inWindow = createHost(options, effects);
  current = inWindow;
  /** Of the worker that runs, once it does. */
  let started: Promise<StartedWorker> | undefined;
  const start = async (): Promise<Host> => {
    try {
      if (!source) throw new Error(NO_WORKER);
      const { fallback } = source;
      started = startWorker(source, gate.bye).catch((error) => {
        if (!fallback || error instanceof WorkerTimeout) throw error;
        return startWorker(fallback, gate.bye);
      });
      return (await started).host;
    } catch (error) {
      const unshared = sharesAny(options) ? ', and nothing is shared with other tabs' : '';
      effects.log(`the host runs in the frame's window${unshared}: ${(error as Error).message}`);
    }
    return inWindow;
  };
  /** Takes a seat in the hub for the page: started, like the worker, for an allowed page alone. */
  const takeSeat = (origin: string): HubSeat | undefined => {
    if (!source || !sharesAny(options)) return undefined;
    const seat = createHubSeat({
      script: async () => {
        const script = source.script ?? (await started)?.script;
        if (!script) throw new Error(NO_WORKER);
        return script;
      },
      origin,
      name: ({ texts }) => nameHub(options, texts, effects.fetch),
      log: effects.log,
    });
    const endInHub = async (): Promise<void> => {
      if (await seat.end()) return;
      const host = await starting;
      await host?.endShared();
    };
    current = { ...current, endShared: endInHub };
    return seat;
  };
  let starting: Promise<Host> | undefined;
  gate.open(parseOrigins(options.origins), {
    // The worker is started for an allowed page alone: see ARCHITECTURE.md, "The frame, the gate
    // and the worker".
    expect() {
      starting ??= start();
    },
    admit(entry) {
      starting ??= start();
      const seat = takeSeat(entry.origin);
      // In the window timers are throttled, and the hub would hear no sign of life.
      const joinHub = (host: Host) => (host === inWindow ? undefined : seat?.join);
      const admitted = starting.then((host) => host.admit(entry, joinHub(host)));
      const withGuest = (work: (guest: Guest) => void): void => void admitted.then(work);
      const show = (): void => withGuest((guest) => guest.show?.(!document.hidden));
      if (seat) document.addEventListener('visibilitychange', show);
      if (seat) show();
      return {
        freeze() {
          seat?.tell('FREEZE');
          withGuest((guest) => guest.freeze());
        },
        thaw() {
          seat?.tell('THAW');
          withGuest((guest) => guest.thaw());
        },
        leave: () => seat?.tell('BYE'),
      };
    },
    refuse: (entry) => refuseEntry(entry, effects.origin),
  });
}

/** Serves pages from the worker that the gate started. */
export function serveInWorker(options: ServeOptions): void {
  serveOnce();
  // A Blob's location has no origin in some engines.
  const effects = { ...effectsOf(self.origin), readCookies: cookiesOfGate.read };
  const host = createHost(options, effects);
  current = host;
  listenInWorker(host);
}

/**
 * Serves all pages of the browser from the SharedWorker that their gates share. `texts`: as in
 * `Script` of gate/worker.ts.
 */
export async function serveInHub(options: ServeOptions, texts: readonly string[]): Promise<void> {
  if (!hubPorts) return;
  // A second call changes nothing for who is served by the first.
  serveOnce();
  try {
    const effects = effectsOf(self.location.origin);
    // frame.hub.js, a chunk as frame.io.js is.
    const { createHub } = await import('../hub/hub.ts');
    const hub = createHub(options, effects, hubPorts.close);
    const warn = (): void =>
      effects.log('notify(): there is no BroadcastChannel, and no page was told');
    current = {
      endShared: hub.end,
      notify: createNotify(options, effects, warn),
      vault: hub.vault,
    };
    // What the gate has read may be older than what was loaded here, or newer.
    if (self.name !== (await nameHub(options, texts, effects.fetch)))
      return hubPorts.fail('the hub has loaded other scripts than the page');
    hubPorts.serve(hub.connect);
  } catch (error) {
    hubPorts.fail(`the hub failed to start: ${toText(error)}`);
  }
}
