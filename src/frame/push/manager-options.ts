/**
 * What a page may choose of a Manager's options; server, path, transports and headers are the
 * frame's.
 */
import { HadokenError } from '../../rpc/errors.ts';
import { LONGEST } from '../../rpc/time/longest.ts';
import { DEFAULT_SETTINGS, type ManagerSettings } from '../../rpc/wire/push-packet.ts';

const OPTIONS = [
  'query',
  'upgrade',
  'rememberUpgrade',
  'timestampRequests',
  'timestampParam',
  'requestTimeout',
  'withCredentials',
  'protocols',
];

/**
 * What the protocol says in the query of a connection's URL. `sid` names a session: that is never
 * the page's to say.
 */
const PROTOCOL = ['EIO', 'sid', 'transport', '__proto__'];

/**
 * A query of the page's, as text or as an object, without what is the protocol's, and without a
 * `__proto__`, which the original would assign.
 */
export function readQuery(query: unknown): Record<string, unknown> {
  // The original leaves a plus as it is.
  const given =
    typeof query === 'string'
      ? new URLSearchParams(query.replaceAll('+', '%2B'))
      : Object.entries(Object(query));
  return Object.fromEntries([...given].filter(([name]) => !PROTOCOL.includes(name)));
}

/**
 * The Manager's options, of JSON, and its settings, by default where they are not given: Infinity
 * is null in JSON, and as much or the default where it makes sense. Throws INVALID_ARGUMENT for a
 * setting that is no amount.
 */
export function readManagerOptions(text: string): {
  options: Record<string, unknown>;
  settings: ManagerSettings;
} {
  const given: Record<string, unknown> = JSON.parse(text) ?? {};
  const pick = (names: string[]): [string, unknown][] =>
    names.filter((name) => Object.hasOwn(given, name)).map((name) => [name, given[name]]);
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  for (const [name, value] of pick(Object.keys(DEFAULT_SETTINGS))) {
    const isFactor = name === 'randomizationFactor';
    const isAmount = typeof value === 'number' && value >= 0 && !(isFactor && value > 1);
    if (name === 'reconnection') settings[name] = value !== false;
    else if (isAmount && name === 'reconnectionAttempts') settings[name] = value;
    else if (isAmount) settings[name] = Math.min(value, LONGEST);
    else if (name === 'timeout' && value === false) settings[name] = value;
    else if (name === 'reconnectionDelayMax' && value === null) settings[name] = LONGEST;
    else if (value !== null)
      throw new HadokenError(
        'INVALID_ARGUMENT',
        `${name} is ${value}. Use a number ${isFactor ? 'from 0 to 1' : 'that is not negative'}.`,
      );
  }
  const options = Object.fromEntries(pick(OPTIONS));
  // A list of one name is that name, once it is a key.
  const { timestampParam } = options;
  if (typeof timestampParam !== 'string' || PROTOCOL.includes(timestampParam))
    delete options.timestampParam;
  return { options, settings: settings as ManagerSettings };
}
