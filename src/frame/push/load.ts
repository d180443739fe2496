/** Push until its code is there: that is in frame.io.js, which a page's first socket loads. */
import { HadokenError, isHadokenError, toText, toWireError } from '../../rpc/errors.ts';
import { isList } from '../../rpc/is-count.ts';
import type { PushEvent } from '../../rpc/wire/push-packet.ts';
import type { Effects, IoModule } from '../effects.ts';
import type { ServeOptions } from '../options.ts';
import type { Page } from '../page.ts';
import type { IoPolicy } from '../rules/io-rules.ts';

/** Gives what `load` does. Rejects with HOST_FAILED, with `remedy` before the reason. */
async function loadPart<Part>(load: () => Promise<Part>, remedy: string): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    if (isHadokenError(cause)) throw cause;
    throw new HadokenError('HOST_FAILED', `${remedy} (${toText(cause)})`, { cause });
  }
}

const missing = (file: string): string =>
  `${file} could not be loaded. Put it beside frame.js (of a pack: all its files).`;

/** Push with that parser. Rejects with HOST_FAILED, which names the file. */
export async function loadIo(
  { loadIo, loadMsgpack, isTrusted }: Effects,
  parser: IoPolicy['parser'] = 'default',
): Promise<IoModule> {
  const io = await loadPart(
    loadIo,
    isTrusted ? 'socket.io-client could not be loaded.' : missing('frame.io.js'),
  );
  if (parser === 'default' || !loadMsgpack) return io;
  const remedy = isTrusted
    ? 'frame.msgpack.js of the package could not be loaded.'
    : missing('frame.msgpack.js');
  return { ...io, ...(await loadPart(loadMsgpack, remedy)) };
}

/** How the page's `manager` hears that it was not opened, for `error`. */
export function refusalOf(manager: number, once: boolean, error: HadokenError): PushEvent[] {
  const state = { _readyState: 'closed', _reconnecting: false, _connection: 0 } as const;
  const args = [{ error: toWireError(error) }];
  const names = once ? ['error', 'opened'] : ['error'];
  return names.map((name) => ({ type: 'event', manager, state, name, args }));
}

/** Tells the managers that `commands` would open that there is no connection. */
function refuseAll(port: MessagePort, commands: unknown, error: HadokenError): void {
  for (const command of isList(commands) ? commands : []) {
    const { type, manager, once } = Object(command) as Record<string, unknown>;
    if (type === 'open' && typeof manager === 'number')
      port.postMessage(refusalOf(manager, !!once, error));
  }
}

/** Hands `data` to whoever listens to `port` by now. */
function tell(port: MessagePort, data: unknown): void {
  port.onmessage?.(new MessageEvent('message', { data }));
}

/** Takes a page's port for push. Rejects where the page has given one before. */
export type OpenPush = (port: MessagePort) => Promise<void>;

/**
 * By page. Where the code can't be loaded, the page's sockets are told so, and whatever it opens
 * next tries again.
 */
export function createPushLoader(
  options: ServeOptions,
  effects: Effects,
): (page: Page) => OpenPush {
  let created: Promise<ReturnType<IoModule['createPushHost']>> | undefined;
  const create = () => {
    created ??= loadIo(effects)
      .then((io) => io.createPushHost(options, effects))
      .catch((error) => {
        created = undefined;
        throw error;
      });
    return created;
  };

  return (page) => {
    let own: ((port: MessagePort) => void) | undefined;
    const take = async (port: MessagePort): Promise<void> => {
      const createHost = await create();
      own ??= createHost(page);
      own(port);
    };
    return async (port) => {
      // In Node a port may be started already, and what nobody listens for is lost.
      const early: unknown[] = [];
      port.onmessage = ({ data }: MessageEvent<unknown>) => void early.push(data);
      const isLoaded = await create().then(
        () => true,
        () => false,
      );
      if (isLoaded) {
        await take(port);
        for (const data of early) tell(port, data);
        return;
      }
      let isTaken = false;
      let handled = Promise.resolve();
      const handle = (data: unknown): void => {
        handled = handled.then(async () => {
          try {
            if (!isTaken) await take(port);
            isTaken = true;
            tell(port, data);
          } catch (error) {
            refuseAll(port, data, error as HadokenError);
          }
        });
      };
      port.onmessage = ({ data }: MessageEvent<unknown>) => handle(data);
      early.forEach(handle);
    };
  };
}
