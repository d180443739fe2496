/**
 * The token vault: a token for each page origin, got by the site's `refresh`, which one scope of
 * the browser asks at a time. The others wait and are told; no page sees any of it. One that was
 * begun before somebody signed in or out is not waited for, and may go on beside the next.
 */
import { answerInTime, inTime } from '../../rpc/time/in-time.ts';
import { hookFailed, runHook } from '../hook.ts';
import type { SignedIn, Token, VaultOptions } from '../options/vault.ts';
import type { Vault } from './contract.ts';
import type { OriginRecord, VaultRecord, VaultStore } from './record.ts';
import { readSignedIn, readToken } from './token.ts';
import { readVaultMessage, type VaultMessage } from './vault-message.ts';

/** What `refresh` has, in ms. */
const REFRESH_TIME = 10_000;

/**
 * How long the scope that has a newer token is asked for it, in ms. It may be a page that sleeps,
 * or was closed.
 */
const ASK_TIME = 300;

/** A request that was refused with a token of longer ago is not sent again. */
const MAX_KNOWN = 100;

/** How often `refresh` is asked anew for one token, because somebody has signed in meanwhile. */
const MAX_ROUNDS = 5;

/** A token is renewed so long before its end, in ms, or with a tenth of its life left if less. */
const MARGIN = 30_000;

/** What the vault is with others of its origin by; see chunk.ts. */
export type VaultParts = {
  store: VaultStore;
  /** Runs `work` while nobody else of that name does. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Hears the other scopes and posts to them. Opened once the vault is used. */
  openChannel(): BroadcastChannel | undefined;
};

/** What this scope has for an origin. */
type HeldToken = Required<Pick<OriginRecord, 'count' | 'until' | 'token'>>;

/** What is asked for, as the page and the console are told of it. */
const describeToken = (origin: string): string => `the token for ${origin}`;

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
  const { persist = false, attach } = options;
  /** Where a token goes into a header, by the vault itself. */
  const isForHeader = !attach;
  const held = new Map<string, HeldToken>();
  /** Nobody is signed in there, by word of `refresh`. */
  const signedOutOrigins = new Set<string>();
  const refreshing = new Map<string, Promise<string | undefined>>();
  /** The last tokens of this generation that this scope has had, {@link MAX_KNOWN} at most. */
  const knownTokens = new Set<string>();
  /** Called when somebody has signed in or out. */
  const leaving = new Set<() => void>();
  /** Called with each token that another scope tells of. */
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
    knownTokens.clear();
    signedOutOrigins.clear();
    generation = entered;
    isCleared = cleared;
    for (const leave of leaving) leave();
  };
  const know = (token: string): void => {
    knownTokens.add(token);
    const [oldest = token] = knownTokens;
    if (knownTokens.size > MAX_KNOWN) knownTokens.delete(oldest);
  };
  const hold = (origin: string, { count, until, token }: Partial<HeldToken>): void => {
    if (token === undefined || count === undefined || until === undefined) return;
    if ((held.get(origin)?.count ?? 0) >= count) return;
    held.set(origin, { count, until, token });
    know(token);
    signedOutOrigins.delete(origin);
  };
  const adopt = (record: VaultRecord): void => {
    enter(record.generation, record.isCleared);
    // Of before what is known here, or of storage that was emptied.
    if (record.generation < generation) return;
    for (const [origin, entry] of Object.entries(record.origins)) hold(origin, entry);
  };
  const validFor = (origin: string): string | undefined => {
    const heldToken = held.get(origin);
    return heldToken && heldToken.until > Date.now() ? heldToken.token : undefined;
  };

  const onMessage = ({ data }: MessageEvent<unknown>): void => {
    const message = readVaultMessage(data);
    // Ignore a scope that has not heard of the last sign-in or sign-out.
    if (!message || message.generation < generation) return;
    // Enter the generation before answering, so that a token of an earlier user is never posted.
    enter(message.generation, message.type === 'state' && message.isCleared);
    if (message.type === 'ask') {
      const { origin, count } = message;
      const heldToken = held.get(origin);
      if (heldToken && heldToken.count >= count && validFor(origin))
        post({ type: 'token', generation, origin, ...heldToken });
      return;
    }
    if (message.type === 'token') hold(message.origin, message);
    for (const check of waiting) check();
  };
  const load = async (): Promise<void> => {
    if (!channel) {
      channel = openChannel();
      if (channel) channel.onmessage = onMessage;
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

  /** Asks the other scopes for token number `count`, which one of them has. */
  const askOthers = async (origin: string, count: number): Promise<void> => {
    if (!channel) return;
    let check = (): void => {};
    const heard = new Promise<void>((resolve) => {
      check = () => {
        if ((held.get(origin)?.count ?? 0) >= count) resolve();
      };
      waiting.add(check);
      post({ type: 'ask', generation, origin, count });
    });
    await inTime(heard, ASK_TIME);
    waiting.delete(check);
  };

  const runRefresh = (origin: string): Promise<Token | undefined> => {
    const token = held.get(origin)?.token;
    return runHook({ hook: 'vault.refresh', what: describeToken(origin), log }, async () => {
      const given = { origin, ...(token !== undefined && { token }) };
      const toError = () => new Error(`it has not answered within ${REFRESH_TIME} ms`);
      return readToken(
        await answerInTime(options.refresh(given), REFRESH_TIME, toError),
        isForHeader,
      );
    });
  };

  /**
   * Writes what came of a refresh that was begun in generation `begun`: `change` makes it of the
   * entry before and the number of the next token. Resolves with that number, or undefined where
   * the refresh does not count any more.
   */
  const writeEntry = async (
    origin: string,
    begun: number,
    change: (entry: OriginRecord, count: number) => OriginRecord,
  ): Promise<number | undefined> => {
    let count = 0;
    const record = await store.update((found) => {
      if (found.generation > begun) return undefined;
      // Storage may have been emptied meanwhile.
      const origins = found.generation === begun ? found.origins : {};
      const before = origins[origin] ?? { count: 0, until: 0 };
      count = Math.max(before.count, held.get(origin)?.count ?? 0) + 1;
      const entry = change(before, count);
      return { generation: begun, isCleared: false, origins: { ...origins, [origin]: entry } };
    });
    adopt(record);
    const isLate = generation !== begun;
    return isLate ? undefined : count;
  };
  /** Resolves with whether it still counts; then the other scopes have been told. */
  const writeToken = async (
    origin: string,
    begun: number,
    { token, until }: Pick<HeldToken, 'token' | 'until'>,
  ): Promise<boolean> => {
    const toEntry = (_: OriginRecord, count: number): OriginRecord => ({
      count,
      until,
      ...(persist && { token }),
    });
    const count = await writeEntry(origin, begun, toEntry);
    if (count === undefined) return false;
    hold(origin, { count, until, token });
    post({ type: 'token', generation, origin, count, until, token });
    return true;
  };
  /** That `refresh` gave no token. Resolves with whether it still counts. */
  const writeMiss = async (origin: string, begun: number, isFailure: boolean): Promise<boolean> => {
    const miss = { at: Date.now(), isFailure };
    const count = await writeEntry(origin, begun, (entry) => ({ ...entry, miss }));
    return count !== undefined;
  };

  /**
   * What other scopes have found out by now, with the token if there is one; undefined where
   * `refresh` has to be asked. Rejects where another scope's `refresh` has failed since.
   */
  const findElsewhere = async (
    origin: string,
    since: number,
  ): Promise<{ token: string | undefined } | undefined> => {
    const record = await store.read();
    adopt(record);
    if (isCleared) return { token: undefined };
    const valid = validFor(origin);
    if (valid) return { token: valid };
    const entry = record.generation === generation ? record.origins[origin] : undefined;
    const { count, until, miss } = entry ?? { count: 0, until: 0 };
    if (miss && miss.at >= since) {
      if (miss.isFailure) throw hookFailed({ hook: 'vault.refresh', what: describeToken(origin) });
      signedOutOrigins.add(origin);
      return { token: undefined };
    }
    if (count <= (held.get(origin)?.count ?? 0) || until <= Date.now()) return undefined;
    await askOthers(origin, count);
    if (isCleared) return { token: undefined };
    const token = validFor(origin);
    return token === undefined ? undefined : { token };
  };

  /** What `work` gives, or undefined as soon as somebody signs in or out: nobody waits for it. */
  const unlessLeft = async <T>(work: Promise<T>): Promise<T | undefined> => {
    let leave = (): void => {};
    const left = new Promise<undefined>((resolve) => {
      leave = () => resolve(undefined);
      leaving.add(leave);
    });
    try {
      return await Promise.race([work, left]);
    } finally {
      leaving.delete(leave);
    }
  };

  /** In the lock: asks for what another scope has got meanwhile, and else asks `refresh`. */
  const renew = async (
    origin: string,
    since: number,
    rounds = MAX_ROUNDS,
  ): Promise<string | undefined> => {
    const found = await findElsewhere(origin, since);
    if (found) return found.token;
    const begun = generation;
    const asked = Date.now();
    const outcome = await unlessLeft(
      runRefresh(origin).then(
        (made) => ({ made, failure: undefined }),
        (error: unknown) => ({ made: undefined, failure: { error } }),
      ),
    );
    const { made, failure } = outcome ?? {};
    const write = (): Promise<boolean> =>
      made
        ? writeToken(origin, begun, { token: made.token, until: endOf(made, asked) })
        : writeMiss(origin, begun, !!failure);
    const stillCounts = !!outcome && generation === begun && (await write());
    // Somebody has signed in, or out, meanwhile.
    if (!stillCounts) {
      if (isCleared) return undefined;
      if (rounds > 1) return renew(origin, Date.now(), rounds - 1);
      log(`${describeToken(origin)}: somebody has signed in ${MAX_ROUNDS} times during refresh`);
      throw hookFailed({ hook: 'vault.refresh', what: describeToken(origin) });
    }
    if (failure) throw failure.error;
    // Another scope may have told of one meanwhile.
    const token = made?.token ?? validFor(origin);
    if (token === undefined) signedOutOrigins.add(origin);
    return token;
  };

  /** Begins anew in all scopes: nobody of before is signed in. */
  const begin = async (cleared: boolean, who?: SignedIn): Promise<void> => {
    await ready();
    const { made, origin } = readSignedIn(who, isForHeader);
    // At once, here: what is asked for next has none of before. By the clock, so that it is later
    // also to who knew of one before the storage was emptied.
    enter(Math.max(generation + 1, Date.now()), cleared);
    const entry = made && { count: 1, until: endOf(made, Date.now()) };
    const record = await store.update((found) => {
      const origins: VaultRecord['origins'] = {};
      if (entry && origin !== undefined)
        origins[origin] = { ...entry, ...(persist && { token: made.token }) };
      const next = Math.max(found.generation + 1, generation);
      return { generation: next, isCleared: cleared, origins };
    });
    adopt(record);
    // Somebody else has signed in or out meanwhile.
    if (record.generation !== generation) return;
    post({ type: 'state', generation, isCleared });
    if (!entry || origin === undefined) return;
    const { token } = made;
    hold(origin, { ...entry, token });
    post({ type: 'token', generation, origin, ...entry, token });
  };

  const tokenFor: Vault['tokenFor'] = async (origin, since = Date.now()) => {
    await ready();
    if (isCleared || signedOutOrigins.has(origin)) return undefined;
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

  const markRefused: Vault['markRefused'] = (origin, token) => {
    const heldToken = held.get(origin);
    if (heldToken?.token === token) held.set(origin, { ...heldToken, until: 0 });
  };

  return {
    tokenFor,
    markRefused,
    async renew(origin, refused, since) {
      const begun = generation;
      if (!knownTokens.has(refused)) return undefined;
      markRefused(origin, refused);
      const next = await tokenFor(origin, since);
      return generation === begun ? next : undefined;
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
