/** What a page may choose of a Manager's options; server, path, transports and headers are the frame's. */
import { HadokenError } from '../rpc/errors.ts';
import { DEFAULT_SETTINGS, type ManagerSettings } from '../rpc/packet.ts';

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
 * The Manager's options, of JSON, and its settings, by default where they are not given: Infinity is null in JSON, and
 * as much or the default where it makes sense. Throws INVALID_ARGUMENT for a setting that is no amount.
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
    const isAmount = typeof value === 'number' && value >= 0;
    if (name === 'reconnection') settings[name] = value !== false;
    else if (isAmount || (name === 'timeout' && value === false)) settings[name] = value;
    else if (name === 'reconnectionDelayMax' && value === null) settings[name] = Infinity;
    else if (value !== null)
      throw new HadokenError('INVALID_ARGUMENT', `${name} is ${value}. Use a number that is not negative.`);
  }
  return { options: Object.fromEntries(pick(OPTIONS)), settings: settings as ManagerSettings };
}
