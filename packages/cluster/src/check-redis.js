import { ClusterError } from './cluster-error.js';
import { toFields } from './codec.js';

/**
 * What in Redis's settings can lose something, one sentence each.
 *
 * @param {import('./connection.js').Connection} connection
 */
export async function checkRedis(connection) {
  const setting = async (name) => toFields(await connection.call(['CONFIG', 'GET', name]))[name];
  const found = [];
  try {
    const policy = await setting('maxmemory-policy');
    if (policy !== 'noeviction')
      found.push(
        `maxmemory-policy is ${policy}: when memory is short Redis throws away sessions and events without a word. Set noeviction.`,
      );
    if ((await setting('appendonly')) !== 'yes')
      found.push(
        'appendonly is off: a restart of Redis loses the sessions and the events of up to the last snapshot. Set appendonly yes.',
      );
  } catch {
    found.push(
      'its settings can’t be read (CONFIG is not allowed). See to it that maxmemory-policy is noeviction and appendonly is yes, or sessions and events can be lost.',
    );
  }
  return found.map((text) => new ClusterError('REDIS_SETTINGS', `Redis: ${text}`));
}
