/** A page of the hub: what it may, and whether it is still there. */
import type { Clock } from '../frame/effects.ts';
import type { Page } from '../frame/page.ts';
import { createSocketLimit } from '../frame/rules/socket-limit.ts';
import type { HubContract, Outcome } from '../rpc/contract.ts';
import { HadokenError, toWireError } from '../rpc/errors.ts';
import { exposeGuarded, type MethodChecks } from '../rpc/guard.ts';
import { isPort } from '../rpc/is-platform-object.ts';
import { BEAT, PAGE_BEATS } from '../rpc/wire/hub.ts';
import { readStreamTarget } from '../rpc/wire/stream.ts';

/** A page that stays in the back/forward cache for so long, in ms, is not waited for. */
const FROZEN_TIME = 900_000;

const CHECKS = {
  ping: (args) => args.length === 0,
  push: ([port, ...rest]) => rest.length === 0 && isPort(port),
  stream: ([target, port, ...rest]) =>
    rest.length === 0 && readStreamTarget(target)?.kind === 'eventSource' && isPort(port),
  endShared: (args) => args.length === 0,
} satisfies Record<keyof HubContract, (args: readonly unknown[]) => boolean>;
const checks: MethodChecks = new Map(Object.entries(CHECKS));

/** What a page's own worker may call, without its signs of life. */
export type HubMethods = Omit<HubContract, 'ping'>;

export type HubPage = {
  freeze(): void;
  thaw(): void;
  /** It is gone: idempotent. */
  leave(): void;
};

export type HubPageOptions = {
  origin: string;
  /** To the page's own worker. */
  port: MessagePort;
  sockets: number | undefined;
  clock: Clock;
  serve(page: Page): HubMethods;
  log(message: string): void;
  onLeave(): void;
};

export function createHubPage(options: HubPageOptions): HubPage {
  const { origin, port, sockets, clock, serve, log, onLeave } = options;
  const life = new EventTarget();
  const say = (word: string): void => void life.dispatchEvent(new Event(word));
  let silent = 0;
  let isGone = false;
  let timer: unknown;
  const leave = (): void => {
    if (isGone) return;
    isGone = true;
    clock.clearTimeout(timer);
    say('bye');
    onLeave();
  };
  const beat = (): void => {
    silent += 1;
    if (silent > PAGE_BEATS) leave();
    else timer = clock.setTimeout(beat, BEAT);
  };
  const methods = serve({ context: { origin }, life, takeSocket: createSocketLimit(sockets) });
  const gone = (): Outcome<never> => ({
    error: toWireError(new HadokenError('FRAME_LOST', 'The hub took this page for gone.')),
  });
  const contract: HubContract = {
    ping() {
      silent = 0;
      // It was silent for too long, and has to take another seat.
      return isGone ? gone() : { value: undefined };
    },
    push: async (pushPort) => (isGone ? gone() : methods.push(pushPort)),
    stream: async (target, streamPort) => (isGone ? gone() : methods.stream(target, streamPort)),
    endShared: () => methods.endShared(),
  };
  exposeGuarded(contract, port, checks, () => log('dropped a message that no page’s worker sends'));
  beat();
  return {
    freeze() {
      // Nothing may be posted to it, and nothing comes.
      clock.clearTimeout(timer);
      if (isGone) return;
      timer = clock.setTimeout(leave, FROZEN_TIME);
      say('freeze');
    },
    thaw() {
      clock.clearTimeout(timer);
      silent = 0;
      if (isGone) return;
      beat();
      say('thaw');
    },
    leave,
  };
}
