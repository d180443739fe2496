/**
 * Looks at what `serve()` is given before anything is served. A misspelt name or a value of another
 * type would make a rule say less than its author meant, and let more through.
 */
import { HadokenError } from '../../rpc/errors.ts';
import { isStrings } from '../../rpc/is-count.ts';
import type {
  FetchRule,
  IoRules,
  Limits,
  NamespaceRule,
  ServeOptions,
  StreamRule,
} from '../options.ts';

/** What a member is to be, in words, and whether a value is that. */
type Kind = readonly [what: string, is: (value: unknown) => boolean];
/** Every member that there is. One that is forgotten here is a type error. */
type Kinds<Options> = Record<keyof Required<Options>, Kind>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** For what is looked at where it is used. */
const ANY: Kind = ['anything', () => true];
const FUNCTION: Kind = ['a function', (value) => typeof value === 'function'];
const TEXT: Kind = ['a string', (value) => typeof value === 'string'];
const TEXTS: Kind = ['a list of strings', isStrings];
const OBJECT: Kind = ['an object', isObject];
const MAXIMUM: Kind = ['a number from 0 on', (value) => typeof value === 'number' && value >= 0];

const TRANSPORTS: unknown[] = ['websocket', 'polling', 'webtransport'];

const SERVE: Kinds<ServeOptions> = {
  origins: ANY,
  fetch: ANY,
  io: ['a boolean or an object', (value) => typeof value === 'boolean' || isObject(value)],
  eventSource: ANY,
  webSocket: ANY,
  services: OBJECT,
  config: ANY,
  onRequest: FUNCTION,
  onResponse: FUNCTION,
  auth: FUNCTION,
  limits: OBJECT,
};

const LIMITS: Kinds<Limits> = { requests: MAXIMUM, sockets: MAXIMUM, bodyBytes: MAXIMUM };

const IO: Kinds<IoRules> = {
  url: TEXT,
  path: TEXT,
  transports: [
    'a list of websocket, polling or webtransport',
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((entry) => TRANSPORTS.includes(entry)),
  ],
  namespaces: OBJECT,
};

const NAMESPACE: Kinds<Exclude<NamespaceRule, boolean>> = { emit: TEXTS, on: TEXTS };

/** The members of rules. What they are is looked at in rule.ts. */
export const FETCH_RULE: Kinds<FetchRule> = {
  path: ANY,
  methods: ANY,
  headers: ANY,
  credentials: ANY,
  redirect: ANY,
  cache: ANY,
  origins: ANY,
};
export const STREAM_RULE: Kinds<StreamRule> = { path: ANY, origins: ANY };

/**
 * Why `given` can't be read as an object of these members, or undefined. A member that is undefined
 * is none.
 */
export function whyUnreadable(given: object, kinds: Record<string, Kind>): string | undefined {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(kinds, name))
      return (
        `it has a member ${JSON.stringify(name)}, which there is not. ` +
        `There are ${Object.keys(kinds).join(', ')}`
      );
    const [what, is] = kinds[name] as Kind;
    if (value !== undefined && !is(value)) return `its ${name} is not ${what}`;
  }
  return undefined;
}

function check(what: string, given: object, kinds: Record<string, Kind>): void {
  const why = whyUnreadable(given, kinds);
  if (why) throw new HadokenError('INVALID_ARGUMENT', `serve(): ${what} can't be read: ${why}.`);
}

/** Throws INVALID_ARGUMENT for options that can't be read. Rules of paths are read in rule.ts. */
export function checkOptions(options: ServeOptions): void {
  if (!isObject(options))
    throw new HadokenError(
      'INVALID_ARGUMENT',
      'serve(): there are no options. Name origins at least.',
    );
  check('its options', options, SERVE);
  const { limits = {}, io } = options;
  check('limits', limits, LIMITS);
  if (!isObject(io)) return;
  check('io', io, IO);
  for (const [nsp, rule] of Object.entries(io.namespaces ?? {}) as [string, unknown][]) {
    const what = `io.namespaces[${JSON.stringify(nsp)}]`;
    if (typeof rule === 'boolean') continue;
    if (!isObject(rule))
      throw new HadokenError(
        'INVALID_ARGUMENT',
        `serve(): ${what} is neither a boolean nor an object.`,
      );
    check(what, rule, NAMESPACE);
  }
}
