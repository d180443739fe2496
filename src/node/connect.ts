/** `connect()` in Node: the page's facades over a host in the same process, with Node's effects. */
import type { Effects } from '../frame/effects.ts';
import { createClient, type Hadoken } from '../parent/client.ts';
import { createConnection } from '../parent/connection/connection.ts';
import { createLog } from '../parent/log.ts';
import { type ConnectOptions, readOptions } from '../parent/options.ts';
import { createFetch, toBodyFailure } from './effects/fetch.ts';
import { createNodeIo } from './effects/socket-io.ts';
import { createWebSocketClass } from './effects/web-socket.ts';
import { createHold, UnrefChannel } from './hold.ts';
import { createNoticeChannels } from './notify.ts';
import { readInit, readTarget } from './options.ts';
import { createNodeLink } from './push-link.ts';
import { createNodeHost, createOpenSession } from './session.ts';

/**
 * Gives this process the API and push services of `frame`'s origin, with the same methods as on a
 * page. The frame's page is not loaded: its URL says which origin. Each call makes a client of its
 * own, which shares nothing with any other. An idle one keeps no process alive. Throws
 * INVALID_ARGUMENT for what is no whole URL, and for options that can't be read.
 *
 * @example
 * const hadoken = connect('https://push.example.com/hadoken/frame.html', {
 *   headers: { authorization: `Bearer ${key}` },
 * });
 */
export function connect<Config = unknown>(
  frame: string | URL,
  options: ConnectOptions = {},
): Hadoken<Config> {
  const target = readTarget(frame, options);
  const settings = readOptions(options);
  const log = createLog(settings.log);
  const warn = (message: string): void => log('warn', message);
  const hold = createHold();
  const nodeIo = createNodeIo(target);
  const effects: Effects = {
    origin: target.url.origin,
    isTrusted: true,
    Channel: UnrefChannel,
    fetch: createFetch(target),
    toBodyFailure,
    WebSocket: createWebSocketClass(target, warn),
    canStream: () => true,
    loadIo: nodeIo.load,
    loadMsgpack: () => import('../frame/push/parser/msgpack.ts'),
    openNotices: createNoticeChannels(),
    log: warn,
  };
  const host = createNodeHost(target, options, effects);
  const connection = createConnection(target.url, settings, {
    openSession: createOpenSession(host, target, hold),
    // What a page listens for does not happen here.
    listenForWakeUps() {},
  });
  const { link, reopen } = createNodeLink(connection, hold);
  const client = createClient(connection, link, (reason) => {
    // Only then, because it closes the ports: what ends the sockets is still on its way.
    setImmediate(() => connection.close(reason));
  });
  const { fetch, reconnect } = client;
  client.fetch = async (input, init) => fetch(input, readInit(input, init));
  client.reconnect = () => {
    reconnect();
    if (client.state === 'closed') return;
    nodeIo.reconnect();
    reopen();
  };
  return client as Hadoken<Config>;
}

/** Node's: after the messages of this turn have been posted. */
declare function setImmediate(run: () => void): void;
