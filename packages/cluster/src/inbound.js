/**
 * What clients send goes to the app nodes by N streams, each socket's by the hash of its id, so that its order is kept.
 * An entry's head is `<kind> <uid of the io node>`; an entry is there as long as it is not handled.
 */
import { ClusterError } from './cluster-error.js';

export const STREAMS = 16;

/** FNV-1a: the same on every node. */
export function streamOf(sid, streams) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < sid.length; i += 1) hash = Math.imul(hash ^ sid.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % streams;
}

export const keysOf = (link) => ({
  inbound: (index) => link.key('in', index),
  lease: (index) => link.key('lease', index),
  expiry: (index) => link.key('expiry', index),
  events: (nsp) => link.key('events', nsp),
  session: (nsp, pid) => link.key('session', nsp, pid),
  namespaces: link.key('namespaces'),
  apps: link.key('apps'),
  nodes: (nsp) => link.key('nodes', nsp),
  maxAge: link.key('maxAge'),
});

/** All nodes of a cluster must agree on how many streams there are, or a socket's messages would go to two. */
export async function agreeOnStreams(link, streams) {
  if (!Number.isInteger(streams) || streams < 1 || streams > 1024)
    throw new ClusterError(
      'INVALID_STREAMS',
      `streams: ${streams} is not a number from 1 to 1024.`,
    );
  const key = link.key('streams');
  await link.writing.call(['SET', key, streams, 'NX']);
  const agreed = Number(await link.writing.call(['GET', key]));
  if (agreed !== streams)
    throw new ClusterError(
      'STREAMS_DIFFER',
      `This node wants ${streams} streams, and the cluster has ${agreed} (${key}). Give all nodes the same, or this cluster another prefix.`,
    );
}
