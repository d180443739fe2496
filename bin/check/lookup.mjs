/** Resolves names as browsers do: `localhost` and `*.localhost` are this computer. */
import { lookup as systemLookup } from 'node:dns';

const LOOPBACK = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

export function lookup(hostname, options, callback) {
  if (!/(^|\.)localhost$/i.test(hostname)) return systemLookup(hostname, options, callback);
  const [{ address, family }] = LOOPBACK;
  process.nextTick(() =>
    options.all ? callback(null, LOOPBACK) : callback(null, address, family),
  );
}

/**
 * Options of every connection. Where a name has two addresses Node gives the first 250 ms, which a
 * server far away does not always keep.
 */
export const CONNECTING = { lookup, autoSelectFamilyAttemptTimeout: 2_500 };
