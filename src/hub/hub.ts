/**
 * The hub: what the pages of a browser share, in a SharedWorker. It holds connections of Socket.IO
 * (lanes.ts) and event streams (sources.ts); a page's gate takes a seat for it, and the page's own
 * worker passes on what is shared (frame/sharing.ts).
 */
import { type Effects, platformClock } from '../frame/effects.ts';
import { ANY_GATE_TIMEOUT, createCookieAsker } from '../frame/gate/cookies.ts';
import type { ServeOptions } from '../frame/options.ts';
import type { Page } from '../frame/page.ts';
import { type ManagerHostOptions, openManager } from '../frame/push/manager.ts';
import { createPushHost } from '../frame/push/push.ts';
import { checkOptions } from '../frame/rules/check-options.ts';
import { createSharedStreams } from '../frame/rules/shared-streams.ts';
import { createEventSourceHost } from '../frame/streams/event-source.ts';
import type { Vault } from '../frame/vault/contract.ts';
import { createVaultLoader } from '../frame/vault/load.ts';
import { withVault } from '../frame/vault/socket-auth.ts';
import { toOutcome } from '../rpc/contract.ts';
import { isAllowedOrigin, parseOrigins } from '../rpc/origins.ts';
import { type GateToHub, type HubToGate, RELEASE } from '../rpc/wire/hub.ts';
import type { EventSourceTarget } from '../rpc/wire/stream.ts';
import { createGeneration } from './generation.ts';
import { createLanes } from './lanes/lanes.ts';
import { MAX_BYTES } from './lanes/ring.ts';
import { createHubPage, type HubMethods, type HubPage } from './page.ts';
import { createSealedOffsets } from './seats/sealed-offsets.ts';
import { createSources } from './streams/sources.ts';

/** In ms; of `io.shared.linger`. */
const LINGER = 5_000;

/** How long it stays with nothing to hold, in ms: a page that has found it has yet to join. */
const IDLE = 5_000;

export type Hub = {
  /** Serves a page, whose gate's port this is. */
  connect(gate: MessagePort): void;
  /** Ends all that is shared. */
  end(): Promise<void>;
  /** What signs in and out, where host.js has a vault. */
  vault: Vault | undefined;
};

/** Whether the page asks for a connection of its own. */
function isPrivate({ command }: ManagerHostOptions): boolean {
  const { forceNew, multiplex } = Object(JSON.parse(command.options));
  return !!forceNew || multiplex === false;
}

/** `close`: ends the worker. Throws INVALID_ARGUMENT for options that can't be read. */
export function createHub(options: ServeOptions, given: Effects, close: () => void): Hub {
  checkOptions(options);
  const gates = new Set<(message: HubToGate) => void>();
  const cookies = createCookieAsker((question) => {
    for (const post of gates) post(question);
  }, ANY_GATE_TIMEOUT);
  const effects: Effects = { ...given, readCookies: cookies.read };
  const vault = createVaultLoader(options, effects);
  const withToken = withVault(options, vault, effects.origin);
  const { io, limits } = options;
  const { auth } = withToken;
  const { clock = platformClock, log } = effects;
  const origins = parseOrigins(options.origins);
  const shared = typeof io === 'object' && typeof io.shared === 'object' ? io.shared : {};
  const { retain = [], linger = LINGER } = shared;
  const pages = new Set<HubPage>();

  /** With nothing left to hold, it ends; a page may be on its way. */
  let idle: unknown;
  const settle = (): void => {
    clock.clearTimeout(idle);
    idle = clock.setTimeout(
      () => {
        if (pages.size + lanes.size + sources.size === 0) close();
      },
      Math.max(linger, IDLE),
    );
  };
  const offsets = createSealedOffsets(effects.sessions);
  const generation = createGeneration(effects.sessions);
  const lanes = createLanes({ retain, linger, clock, offsets, generation, onEnd: settle });
  const sources = createSources({ auth, linger, clock, log, onEnd: settle });
  const createPush = createPushHost(withToken, effects, {
    open: (host) => (isPrivate(host) ? openManager(host) : lanes.open(host)),
    maxWaiting: MAX_BYTES,
  });
  const sharesStream = createSharedStreams(options.eventSource);
  const createEventSource = createEventSourceHost(options, effects, vault, (asked) =>
    sharesStream(asked.target.url, asked.origin) ? sources.follow(asked) : undefined,
  );
  const endOwn = (): void => {
    lanes.end();
    sources.end();
  };
  // Also of the hubs of pages that were loaded before a release, or from another host.js.
  const endings = effects.openEndings?.();
  const end = async (): Promise<void> => {
    // First, so that whoever comes back finds nothing of the former.
    const name = await generation.renew();
    endings?.postMessage(name);
    // Somebody may have signed out just now, and the word of it is on its way.
    vault?.thaw();
    endOwn();
  };
  if (endings)
    endings.onmessage = ({ data }: MessageEvent<unknown>) => {
      vault?.thaw();
      // A page without a hub has begun none.
      if (typeof data !== 'string') return void generation.renew().then(endOwn);
      generation.adopt(data);
      endOwn();
    };

  const serve = (page: Page): HubMethods => {
    const openPush = createPush(page);
    const openEventSource = createEventSource(page);
    return {
      push: (port) => toOutcome(() => openPush(port)),
      async stream(target, port) {
        const outcome = await toOutcome(() => openEventSource(target as EventSourceTarget, port));
        if ('error' in outcome && outcome.error.code !== 'FRAME_LOST') log(outcome.error.message);
        return outcome;
      },
      endShared: () => toOutcome(end),
    };
  };

  return {
    end,
    vault,
    connect(gate) {
      let page: HubPage | undefined;
      const post = (message: HubToGate): void => gate.postMessage(message);
      gates.add(post);
      const join = (origin: string, port: MessagePort): void => {
        // The gate has looked, and the host; whoever shares looks too.
        if (page || !isAllowedOrigin(origin, origins)) return port.close();
        const joined = createHubPage({
          origin,
          port,
          clock,
          serve,
          log,
          sockets: limits?.sockets,
          onLeave() {
            gates.delete(post);
            pages.delete(joined);
            settle();
          },
        });
        page = joined;
        pages.add(joined);
      };
      gate.onmessage = ({ data }: MessageEvent<GateToHub>) => {
        if (data.hadoken === 'JOIN') join(data.origin, data.port);
        else if (data.hadoken === 'FREEZE') page?.freeze();
        else if (data.hadoken === 'THAW') page?.thaw();
        else if (data.hadoken === 'COOKIES') cookies.answer(data);
        else if (data.hadoken === 'BYE') {
          // Also of one that never joined.
          gates.delete(post);
          page?.leave();
        } else void end().then(() => post({ hadoken: 'ENDED' }));
      };
      post({ hadoken: 'READY', release: RELEASE });
      settle();
    },
  };
}
