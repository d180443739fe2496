/**
 * Does the work for its pages, each over a port of its own. Touches neither `window` nor
 * `document`: it runs in a worker, in the frame's window, or over a bare MessageChannel, with the
 * effects it is given.
 */
import { type HostContract, type Outcome, toOutcome } from '../rpc/contract.ts';
import { type ErrorCode, toText } from '../rpc/errors.ts';
import { exposeGuarded, type MethodCheck, type MethodChecks } from '../rpc/guard.ts';
import { type Answer, negotiate, VERSIONS } from '../rpc/handshake.ts';
import { isList } from '../rpc/is-count.ts';
import { isPort } from '../rpc/is-platform-object.ts';
import { isAllowedOrigin, parseOrigins } from '../rpc/origins.ts';
import { readSignals } from '../rpc/wire/service.ts';
import { readStreamTarget, type StreamTarget } from '../rpc/wire/stream.ts';
import { createFetchHost } from './ajax/fetch.ts';
import type { Effects } from './effects.ts';
import type { Entry, Guest } from './gate/gate.ts';
import { logHookFailure } from './hook.ts';
import { createNoticeBoard, createNotify, type Notify } from './notices.ts';
import type { Context } from './options/hooks.ts';
import type { ServeOptions } from './options.ts';
import type { Page } from './page.ts';
import { createPushLoader } from './push/load.ts';
import { checkOptions } from './rules/check-options.ts';
import { createSharedStreams, sharesAny, sharesIo } from './rules/shared-streams.ts';
import { createSocketLimit } from './rules/socket-limit.ts';
import { createServiceHost } from './services/service.ts';
import { createSharing, type JoinHub, type Sharing } from './sharing.ts';
import { createEventSourceHost } from './streams/event-source.ts';
import { createWebSocketHost } from './streams/web-socket.ts';
import type { Vault } from './vault/contract.ts';
import { createVaultLoader } from './vault/load.ts';
import { withVault } from './vault/socket-auth.ts';

/** By method, whether these are its arguments. A method without a check is a type error. */
const CHECKS = {
  ping: (args) => args.length === 0,
  fetch: ([port, ...rest]) => rest.length === 0 && isPort(port),
  push: ([port, ...rest]) => rest.length === 0 && isPort(port),
  stream: ([target, port, ...rest]) =>
    rest.length === 0 && !!readStreamTarget(target) && isPort(port),
  call: ([service, method, args, signals, ...rest]) =>
    rest.length === 0 &&
    typeof service === 'string' &&
    typeof method === 'string' &&
    isList(args) &&
    (signals === undefined || !!readSignals(signals, args)),
} satisfies Record<keyof HostContract, MethodCheck>;
const checks: MethodChecks = new Map(Object.entries(CHECKS));

/** What does the work, wherever it runs: the gate hands pages on to it. */
export interface Host {
  /** `joinHub`: for a host that shares. */
  admit(entry: Entry, joinHub?: JoinHub): Guest;
  /** Ends what its pages share with others. */
  endShared(): Promise<void>;
  /** What signs in and out, where host.js has a vault. */
  vault?: Vault | undefined;
}

/** A host in this scope. */
export interface LocalHost extends Host {
  /** See `hadokenFrame.notify()`. */
  notify: Notify;
}

/** A page with something to share; `sharing` is its line to the hub. */
type Sharer = { life: EventTarget; sharing: Sharing | undefined };

function refuse(port: MessagePort, code: ErrorCode, message: string): void {
  port.postMessage({ hadoken: 'REFUSE', code, message } satisfies Answer);
  port.close();
}

/** Answers a page that is not among `origins`. */
export function refuseEntry({ origin, port }: Entry, frameOrigin: string): void {
  refuse(
    port,
    'ORIGIN_REFUSED',
    `The frame on ${frameOrigin} refused this page: '${origin}' is not among its origins. ` +
      `Add '${origin}' to origins in the frame's host.js.`,
  );
}

/**
 * Step 4 of the handshake for every page that comes, and then its calls. Throws INVALID_ARGUMENT
 * for bad options.
 */
export function createHost(options: ServeOptions, effects: Effects): LocalHost {
  checkOptions(options);
  const origins = parseOrigins(options.origins);
  const vault = createVaultLoader(options, effects);
  const createFetch = createFetchHost(options, effects, vault);
  const createPush = createPushLoader(withVault(options, vault, effects.origin), effects);
  const createEventSource = createEventSourceHost(options, effects, vault);
  const createWebSocket = createWebSocketHost(options, effects);
  const createServices = createServiceHost(options, effects);
  const notices = createNoticeBoard(effects);
  const isIoShared = sharesIo(options);
  const sharesStream = createSharedStreams(options.eventSource);
  /** The pages, where something is to be shared. */
  const sharers = new Set<Sharer>();
  /** Stays open: Chromium may drop what was posted just before a channel is closed. */
  let endings: BroadcastChannel | undefined;

  const serveCalls = (port: MessagePort, page: Page, sharing?: Sharing): void => {
    const { context } = page;
    const openExchanges = createFetch(context);
    const openPush = createPush(page);
    const openEventSource = createEventSource(page);
    const openWebSocket = createWebSocket(page);
    const callService = createServices(page);
    /** To the page's code a refused stream is a failed one: the console has to say why. */
    const toStreamOutcome = async (open: () => Promise<void>): Promise<Outcome<void>> => {
      const outcome = await toOutcome(open);
      if ('error' in outcome) effects.log(outcome.error.message);
      return outcome;
    };
    const contract: HostContract = {
      ping: () => ({ value: undefined }),
      fetch: (fetchPort) => toOutcome(() => openExchanges(fetchPort, onRefused)),
      push: (pushPort) =>
        toOutcome(async () => {
          const isShared = isIoShared && (await sharing?.push(pushPort));
          if (!isShared) await openPush(pushPort);
        }),
      stream: (target, streamPort) =>
        toStreamOutcome(async () => {
          // The check has read it once; what it is rebuilt as is what goes on.
          const read = readStreamTarget(target) as StreamTarget;
          if (read.kind === 'webSocket') return openWebSocket(read, streamPort);
          const isShared = sharing && sharesStream(read.url, context.origin);
          const own = isShared ? await sharing.stream(read, streamPort) : read;
          if (own) await openEventSource(own, streamPort);
        }),
      call: callService,
    };
    let refusals = 0;
    const onRefused = (): void => {
      refusals += 1;
      if (refusals === 1)
        effects.log(
          `dropped a message from ${context.origin} that is not in the contract, ` +
            'and will drop more',
        );
    };
    exposeGuarded(contract, port, checks, onRefused);
  };

  const admit = async (entry: Entry, life: EventTarget, sharing?: Sharing): Promise<void> => {
    const { origin, offer, port } = entry;
    if (!isAllowedOrigin(origin, origins)) return refuseEntry(entry, effects.origin);
    const version = negotiate(VERSIONS, offer.versions);
    if (version === undefined)
      return refuse(
        port,
        'VERSION_MISMATCH',
        `The page speaks protocol ${offer.versions.join('–')}, ` +
          `the frame on ${effects.origin} ${VERSIONS.join('–')}. ` +
          'Load hadoken.js and frame.js of the same release.',
      );
    try {
      const { config } = options;
      const context: Context = { origin };
      const value: unknown = typeof config === 'function' ? await config(context) : config;
      const answer: Answer = {
        hadoken: 'ACCEPT',
        version,
        features: ['fetch', 'io', 'eventSource', 'webSocket', 'service'],
        config: value,
      };
      port.postMessage(answer);
      const takeSocket = createSocketLimit(options.limits?.sockets);
      serveCalls(port, { context, life, takeSocket }, sharing);
      notices.add(origin, port);
    } catch (error) {
      if (effects.isTrusted) return refuse(port, 'HOST_FAILED', `config failed: ${toText(error)}`);
      // A HadokenError of it neither: none of its errors is meant for the page.
      const run = { hook: 'config', what: `a page of ${origin}`, log: effects.log } as const;
      const { code, message } = logHookFailure(run, error);
      refuse(port, code, message);
    }
  };
  return {
    vault,
    admit(entry, joinHub) {
      const life = new EventTarget();
      const isSharer = sharesAny(options) && isAllowedOrigin(entry.origin, origins);
      const sharing = isSharer && joinHub ? createSharing(joinHub, effects.clock) : undefined;
      if (isSharer) sharers.add({ life, sharing });
      void admit(entry, life, sharing);
      return {
        freeze() {
          // What a page asks for as it comes back may be here before the word that it is back.
          vault?.thaw();
          life.dispatchEvent(new Event('freeze'));
        },
        thaw() {
          vault?.thaw();
          life.dispatchEvent(new Event('thaw'));
        },
        show: (isSeen) => sharing?.show(isSeen),
      };
    },
    notify: createNotify(options, effects, notices.deliver),
    async endShared() {
      endings ??= effects.openEndings?.();
      const end = async ({ life, sharing }: Sharer): Promise<void> => {
        if (await sharing?.endShared()) return;
        // There is no hub: for this page, or for any.
        endings?.postMessage(null);
        life.dispatchEvent(new Event('anew'));
      };
      await Promise.all([...sharers].map(end));
    },
  };
}
