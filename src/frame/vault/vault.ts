/**
 * The token vault: a token for each page origin, got by the site's `refresh`, which one place of
 * the browser asks at a time. The others wait and are told; no page sees any of it.
 */
import { HadokenError } from '../../rpc/errors.ts';
import { inTime } from '../../rpc/time/in-time.ts';
import { hookFailed, runHook } from '../hook.ts';
import type { SignedIn, Token, VaultOptions } from '../options.ts';
import type { Vault } from './contract.ts';
import type { Kept, VaultParts, VaultRecord } from './record.ts';
import { readVaultMessage, type VaultMessage } from './vault-message.ts';

/** What `refresh` has, in ms. */
const REFRESH_TIME = 10_000;

/**
 * How long the place that has a newer token is asked for it, in ms. It may be a page that sleeps,
 * or was closed.
 */
const ASK_TIME = 300;

/** A token is renewed so long before its end, in ms, or with a tenth of its life left if less. */
const MARGIN = 30_000;

/** What this place has for an origin. */
type Held = Required<Pick<Kept, 'count' | 'until' | 'token'>>;

/** `value`, which `refresh` or `signIn()` was given; throws a TypeError for what is no token. */
function readToken(value: unknown): Token | undefined {
  if (value === undefined || value === null) return undefined;
  const { token, expiresIn } = Object(value) as Partial<Token>;
  if (typeof token !== 'string' || !token)
    throw new TypeError('there is no token in it. Give { token, expiresIn }, or nothing.');
  const isTime = expiresIn === undefined || (typeof expiresIn === 'number' && expiresIn >= 0);
  if (!isTime) throw new TypeError(`expiresIn is ${expiresIn}, and no number of seconds.`);
  return { token, ...(expiresIn !== undefined && { expiresIn }) };
}

/** What is asked for, as the page and the console are told of it. */
const nameOf = (origin: string): string => `the token for ${origin}`;

/** When a token that was asked for at `asked` is to be renewed. */
function endOf({ expiresIn = Infinity }: Token, asked: number): number {
  const life = expiresIn * 1_000;
  return asked + life - Math.min(MARGIN, life / 10);
}

export function createVault(
  options: VaultOptions,
  { store, lock, openChannel }: VaultParts,
  log: (message: string) => void,
): Vault {
  const { persist = false } = options;
  const held = new Map<string, Held>();
  /** Nobody is signed in there, by word of `refresh`. */
  const empty = new Set<string>();
  const refreshing = new Map<string, Promise<string | undefined>>();
  /** Called with each token that another place tells of. */
  const waiting = new Set<() => void>();
  let generation = -1;
  let isCleared = false;
  let channel: BroadcastChannel | undefined;
  let loaded: Promise<void> | undefined;

  const post = (message: VaultMessage): void => channel?.postMessage(message);

  /** What was known of an earlier generation is not so any more. */
  const enter = (entered: number, cleared: boolean): void => {
    if (entered <= generation) return;
    held.clear();
    empty.clear();
    generation = entered;
    isCleared = cleared;
  };
  const hold = (origin: string, { count, until, token }: Partial<Held>): void => {
    if (token === undefined || count === undefined || until === undefined) return;
    if ((held.get(origin)?.count ?? 0) >= count) return;
    held.set(origin, { count, until, token });
    empty.delete(origin);
  };
  const adopt = (record: VaultRecord): void => {
    enter(record.generation, record.isCleared);
    // Of before what is known here, or of storage that was emptied.
    if (record.generation < generation) return;
    for (const [origin, kept] of Object.entries(record.origins)) hold(origin, kept);
  };
  const validFor = (origin: string): string | undefined => {
    const own = held.get(origin);
    return own && own.until > Date.now() ? own.token : undefined;
  };

  const hear = ({ data }: MessageEvent<unknown>): void => {
    const message = readVaultMessage(data);
    // Of a place that does not know yet that somebody has signed in, or out.
    if (!message || message.generation < generation) return;
    // First: who asks in a later generation shall not be given what is of before.
    enter(message.generation, message.type === 'state' && message.isCleared);
    if (message.type === 'ask') {
      const { origin, count } = message;
      const own = held.get(origin);
      if (own && own.count >= count && validFor(origin))
        post({ ...message, ...own, type: 'token' });
      return;
    }
    if (message.type === 'token') hold(message.origin, message);
    for (const look of waiting) look();
  };
  const load = async (): Promise<void> => {
    if (!channel) {
      channel = openChannel();
      if (channel) channel.onmessage = hear;
    }
    adopt(await store.read());
  };

  const ready = (): Promise<void> => {
    loaded ??= load().catch((error) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };

  /** Asks the other places for token number `count`, which one of them has. */
  const askOthers = async (origin: string, count: number): Promise<void> => {
    if (!channel) return;
    let look = (): void => {};
    const heard = new Promise<void>((resolve) => {
      look = () => {
        if ((held.get(origin)?.count ?? 0) >= count) resolve();
      };
      waiting.add(look);
      post({ type: 'ask', generation, origin, count });
    });
    await inTime(heard, ASK_TIME);
    waiting.delete(look);
  };

  const runRefresh = (origin: string): Promise<Token | undefined> => {
    const token = held.get(origin)?.token;
    return runHook('vault.refresh', nameOf(origin), log, async () => {
      const given = { origin, ...(token !== undefined && { token }) };
      const answer = await inTime(
        Promise.resolve(options.refresh(given)).then((value) => ({ value })),
        REFRESH_TIME,
      );
      if (!answer) throw new Error(`it has not answered within ${REFRESH_TIME} ms`);
      return readToken(answer.value);
    });
  };

  /**
   * Writes what came of a refresh that was begun in generation `begun`. Resolves with whether it
   * still counts.
   */
  const write = async (
    origin: string,
    begun: number,
    made: Pick<Kept, 'without'> & { token?: string; until?: number },
  ): Promise<boolean> => {
    const { token, until = 0, without } = made;
    let count = 0;
    const record = await store.update((found) => {
      if (found.generation > begun) return undefined;
      // Storage may have been emptied meanwhile.
      const origins = found.generation === begun ? found.origins : {};
      const before = origins[origin] ?? { count: 0, until: 0 };
      count = Math.max(before.count, held.get(origin)?.count ?? 0) + 1;
      const kept: Kept = without
        ? { ...before, without }
        : { count, until, ...(persist && token !== undefined && { token }) };
      return { generation: begun, isCleared: false, origins: { ...origins, [origin]: kept } };
    });
    adopt(record);
    const isLate = generation !== begun;
    if (isLate || token === undefined) return !isLate;
    hold(origin, { count, until, token });
    post({ type: 'token', generation: begun, origin, count, until, token });
    return true;
  };

  /** In the lock: asks for what another place has got meanwhile, and else asks `refresh`. */
  const renew = async (origin: string, since: number): Promise<string | undefined> => {
    const record = await store.read();
    adopt(record);
    if (isCleared) return undefined;
    const valid = validFor(origin);
    if (valid) return valid;
    const own = record.generation === generation ? record.origins[origin] : undefined;
    const { count, until, without } = own ?? { count: 0, until: 0 };
    if (without && without.at >= since) {
      if (without.isFailure) throw hookFailed('vault.refresh', nameOf(origin));
      empty.add(origin);
      return undefined;
    }
    if (count > (held.get(origin)?.count ?? 0) && until > Date.now()) {
      await askOthers(origin, count);
      if (isCleared) return undefined;
      const heard = validFor(origin);
      if (heard) return heard;
    }
    const begun = generation;
    const asked = Date.now();
    let made: Token | undefined;
    let failure: { error: unknown } | undefined;
    try {
      made = await runRefresh(origin);
    } catch (error) {
      failure = { error };
    }
    const isTaken = await write(
      origin,
      begun,
      made
        ? { token: made.token, until: endOf(made, asked) }
        : { without: { at: Date.now(), isFailure: !!failure } },
    );
    // Somebody has signed in, or out, meanwhile.
    if (!isTaken) return isCleared ? undefined : renew(origin, Date.now());
    if (failure) throw failure.error;
    // Another place may have told of one meanwhile.
    const token = made?.token ?? validFor(origin);
    if (token === undefined) empty.add(origin);
    return token;
  };

  /** Begins anew in all places: nobody of before is signed in. */
  const begin = async (cleared: boolean, who?: SignedIn): Promise<void> => {
    await ready();
    const made = readToken(who?.token === undefined ? undefined : who);
    const origin = who?.origin;
    if (made && typeof origin !== 'string')
      throw new HadokenError(
        'INVALID_ARGUMENT',
        'vault.signIn(): a token is for the pages of one origin. Give { origin: this.origin } too.',
      );
    // At once, here: what is asked for next has none of before. By the clock, so that it is later
    // also to who knew of one before the storage was emptied.
    enter(Math.max(generation + 1, Date.now()), cleared);
    const kept = made && { count: 1, until: endOf(made, Date.now()) };
    const record = await store.update((found) => {
      const origins: VaultRecord['origins'] = {};
      if (kept && origin !== undefined)
        origins[origin] = { ...kept, ...(persist && { token: made.token }) };
      const next = Math.max(found.generation + 1, generation);
      return { generation: next, isCleared: cleared, origins };
    });
    adopt(record);
    // Somebody else has signed in or out meanwhile.
    if (record.generation !== generation) return;
    post({ type: 'state', generation, isCleared });
    if (!kept || origin === undefined) return;
    const { token } = made;
    hold(origin, { ...kept, token });
    post({ type: 'token', generation, origin, ...kept, token });
  };

  const tokenFor: Vault['tokenFor'] = async (origin, since = Date.now()) => {
    await ready();
    if (isCleared || empty.has(origin)) return undefined;
    const valid = validFor(origin);
    if (valid) return valid;
    let running = refreshing.get(origin);
    if (!running) {
      running = lock(`hadoken vault ${origin}`, () => renew(origin, since)).finally(() =>
        refreshing.delete(origin),
      );
      refreshing.set(origin, running);
    }
    return running;
  };

  return {
    tokenFor,
    refuse(origin, token) {
      const own = held.get(origin);
      if (own?.token === token) held.set(origin, { ...own, until: 0 });
    },
    attach(request, token) {
      if (options.attach) return options.attach(request, token);
      request.headers.set('authorization', `Bearer ${token}`);
    },
    clear: () => begin(true),
    signIn: (who) => begin(false, who),
    thaw() {
      loaded = undefined;
    },
  };
}
