/**
 * `notify()` in Node: who it tells depends on whose call runs, since a process may have clients of
 * many users.
 */
import type { NoticeChannel } from '../frame/effects.ts';
import type { Notify } from '../frame/notices.ts';
import { HadokenError } from '../rpc/errors.ts';
import { builtin, type Storage } from './builtin.ts';

/** One for every copy of this code: `hadoken/frame` is another file than `hadoken/testing`. */
const KEY = Symbol.for('hadoken.node.notify');
const scope = globalThis as unknown as Record<symbol, Storage<Notify> | undefined>;
const hooks = builtin('node:async_hooks');
if (hooks) scope[KEY] ??= new hooks.AsyncLocalStorage<Notify>();

/** Runs what a call does: a notify() of its own tells by `own`. */
export function runWithNotify<T>(own: Notify, run: () => T): T {
  const storage = scope[KEY];
  return storage ? storage.run(own, run) : run();
}

/**
 * Tells the pages of the host whose hook or service calls it; throws UNSUPPORTED elsewhere, and
 * else as in a frame.
 */
export const notify: Notify = (name, data, options) => {
  const own = scope[KEY]?.getStore();
  if (!own)
    throw new HadokenError(
      'UNSUPPORTED',
      'notify() in Node is for the services and hooks of a client: call it while one of them runs.',
    );
  own(name, data, options);
};

/** Opens channels that reach one another, and nobody else. */
export function createNoticeChannels(): () => NoticeChannel {
  const open = new Set<NoticeChannel>();
  return () => {
    const channel: NoticeChannel = {
      onmessage: null,
      postMessage(message) {
        const data: unknown = structuredClone(message);
        for (const other of open)
          if (other !== channel) other.onmessage?.({ data } as MessageEvent);
      },
      close: () => void open.delete(channel),
    };
    open.add(channel);
    return channel;
  };
}
