/** The Node client in the place of the page's: of a host of the tests it knows what its host.js says of Socket.IO. */
import { connect as connectInNode } from 'hadoken-under-test';

export { HadokenError, isHadokenError, transfer } from 'hadoken-under-test';

const MSGPACK = { path: '/msgpack.io/', transports: ['websocket'], parser: 'msgpack' };
const hosts = {
  'push-plain': { path: '/plain.io/', transports: ['websocket'] },
  'push-recovery': { transports: ['websocket'] },
  'msgpack@msgpack.io': MSGPACK,
  'msgpack@shared': MSGPACK,
  'push-hanging': { path: '/hang.io/', transports: ['websocket'] },
};

export function connect(frame, options) {
  const name = /\/hosts\/([^/]+)\//.exec(frame)?.[1];
  return connectInNode(frame, { io: hosts[name] ?? {}, log: 'silent', ...options });
}
