/**
 * Looks at what `serve()` is given before anything is served. A misspelt name or a value of another
 * type would make a rule say less than its author meant, and let more through.
 */
import { closestMatch } from 'leven';
import { HadokenError } from '../../rpc/errors.ts';
import { isStrings } from '../../rpc/is-count.ts';
import { isRecord } from '../../rpc/is-object.ts';
import { parseOriginList } from '../../rpc/origins.ts';
import { METHODS, type ServiceRule } from '../../rpc/services.ts';
import { LONGEST } from '../../rpc/time/longest.ts';
import { RESERVED } from '../../rpc/wire/push-event.ts';
import type { EventSourceRule, FetchRule, StreamRule } from '../options/rules.ts';
import type { IoRules, NamespaceRule, SharedIo } from '../options/socket-io.ts';
import type { VaultOptions } from '../options/vault.ts';
import type { Limits, ServeOptions } from '../options.ts';
import { readServer } from './io-path.ts';

/** What a member is to be, in words, and whether a value is that. */
export type Kind = readonly [what: string, is: (value: unknown) => boolean];
/** Every member that there is. One that is forgotten here is a type error. */
type Kinds<Options> = Record<keyof Required<Options>, Kind>;

/** For what is looked at where it is used. */
export const ANY: Kind = ['anything', () => true];
const FUNCTION: Kind = ['a function', (value) => typeof value === 'function'];
const TEXTS: Kind = ['a list of strings', isStrings];
const OBJECT: Kind = ['an object', isRecord];
const MAXIMUM: Kind = ['a number from 0 on', (value) => typeof value === 'number' && value >= 0];

const TRANSPORTS: unknown[] = ['websocket', 'polling', 'webtransport'];
const PARSERS: unknown[] = ['default', 'msgpack'];

const SERVE: Kinds<ServeOptions> = {
  origins: ANY,
  fetch: ANY,
  io: ['a boolean or an object', (value) => typeof value === 'boolean' || isRecord(value)],
  eventSource: ANY,
  webSocket: ANY,
  services: OBJECT,
  config: ANY,
  onRequest: FUNCTION,
  onResponse: FUNCTION,
  auth: FUNCTION,
  vault: OBJECT,
  cookies: TEXTS,
  limits: OBJECT,
};

const VAULT: Kinds<VaultOptions> = {
  refresh: FUNCTION,
  attach: FUNCTION,
  persist: ['a boolean', (value) => typeof value === 'boolean'],
};

const LIMITS: Kinds<Limits> = { requests: MAXIMUM, sockets: MAXIMUM, bodyBytes: MAXIMUM };

const SERVICE_RULE: Kinds<ServiceRule> = {
  origins: ['a list of strings, one at least', (value) => isStrings(value) && value.length > 0],
};

const IO: Kinds<IoRules> = {
  url: [
    "an origin such as 'https://push.example.com', without the path",
    (value) => typeof value === 'string' && readServer(value) !== undefined,
  ],
  path: [
    'a string that begins with /',
    (value) => typeof value === 'string' && value.startsWith('/'),
  ],
  transports: [
    'a list of websocket, polling or webtransport',
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((entry) => TRANSPORTS.includes(entry)),
  ],
  extraHeaders: [
    'an object of strings',
    (value) => isRecord(value) && Object.values(value).every((text) => typeof text === 'string'),
  ],
  transportOptions: [
    'an object with objects by the names of transports',
    (value) =>
      isRecord(value) &&
      Object.entries(value).every(([name, own]) => TRANSPORTS.includes(name) && isRecord(own)),
  ],
  parser: ["'default' or 'msgpack'", (value) => PARSERS.includes(value)],
  namespaces: OBJECT,
  shared: ['a boolean or an object', (value) => typeof value === 'boolean' || isRecord(value)],
};

const NAMESPACE: Kinds<Exclude<NamespaceRule, boolean>> = {
  emit: TEXTS,
  on: TEXTS,
  origins: TEXTS,
};

const TIME: Kind = [
  'a time in ms from 0 on',
  (value) => typeof value === 'number' && value >= 0 && value <= LONGEST,
];
const SHARED: Kinds<SharedIo> = { retain: TEXTS, linger: TIME };

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
export const EVENT_SOURCE_RULE: Kinds<EventSourceRule> = {
  ...STREAM_RULE,
  shared: ['a boolean', (value) => typeof value === 'boolean'],
};

/** How many letters a name may differ in from the one meant; in a short one, half of them. */
const MAX_DISTANCE = 3;

function whyUnknown(name: string, names: string[]): string {
  const maxDistance = Math.min(MAX_DISTANCE, Math.floor(name.length / 2));
  const meant = closestMatch(name, names, { maxDistance });
  const question = meant === undefined ? '. ' : `: did you mean ${meant}? `;
  return `unknown option ${JSON.stringify(name)}${question}Known are ${names.join(', ')}`;
}

/**
 * Why `given` can't be read as an object of these members, or undefined. A member that is undefined
 * is none.
 */
export function whyUnreadable(given: object, kinds: Record<string, Kind>): string | undefined {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(kinds, name)) return whyUnknown(name, Object.keys(kinds));
    const [what, is] = kinds[name] as Kind;
    if (value !== undefined && !is(value)) return `its ${name} is not ${what}`;
  }
  return undefined;
}

function invalid(what: string): HadokenError {
  return new HadokenError('INVALID_ARGUMENT', `serve(): ${what}.`);
}

function check(what: string, given: object, kinds: Record<string, Kind>): void {
  const why = whyUnreadable(given, kinds);
  if (why) throw invalid(`${what} can't be read: ${why}`);
}

/** What `check` has found to be a list of texts, if it is there. */
function checkOrigins({ origins = [] }: { origins?: unknown }, what: string): void {
  parseOriginList(origins as string[], `serve(): origins of ${what}`);
}

function checkNamespace(what: string, rule: unknown): void {
  if (typeof rule === 'boolean') return;
  if (!isRecord(rule)) throw invalid(`${what} is neither a boolean nor an object`);
  check(what, rule, NAMESPACE);
  checkOrigins(rule, what);
}

/** What `service()` has made is looked at here, for the error to say which one it is. */
function checkService(name: string, given: unknown): void {
  if (!isRecord(given))
    throw invalid(
      `services has ${name}, which is no object of methods. ` +
        `Write such as ${name}: { read() { … } }`,
    );
  if (!Object.hasOwn(given, METHODS)) return;
  const { [METHODS]: methods, rule } = given as { [METHODS]: unknown; rule: unknown };
  if (!isRecord(methods)) throw invalid(`the service ${name} has no methods`);
  if (!isRecord(rule)) throw invalid(`the rule of the service ${name} is no object`);
  check(`the rule of the service ${name}`, rule, SERVICE_RULE);
  checkOrigins(rule, `the rule of the service ${name}`);
}

/** The namespaces' rules, without regard to which pages they are for. */
function checkNamespaces(namespaces: Record<string, unknown>): Exclude<NamespaceRule, boolean>[] {
  const rules: unknown[] = [];
  for (const [nsp, given] of Object.entries(namespaces)) {
    const what = `io.namespaces[${JSON.stringify(nsp)}]`;
    // Socket.IO's own names do. `*` alone is a pattern of all of them.
    if (!nsp.startsWith('/') && nsp !== '*')
      throw invalid(`${what} is like no namespace: begin it with /, as in '/${nsp}'`);
    if (Array.isArray(given) && given.length === 0) throw invalid(`${what} is a list of no rules`);
    const list: unknown[] = Array.isArray(given) ? given : [given];
    for (const rule of list) checkNamespace(what, rule);
    rules.push(...list.filter(Boolean));
  }
  return rules.map((rule) => (rule === true ? {} : (rule as Exclude<NamespaceRule, boolean>)));
}

/** An event that no page may hear can't be meant to be told to all of them. */
function checkShared(shared: SharedIo, rules: { on?: string[] }[] | undefined): void {
  check('io.shared', shared, SHARED);
  for (const event of shared.retain ?? []) {
    const isHeard = rules?.some(({ on }) => on?.includes(event) ?? true) ?? true;
    if (RESERVED.test(event) || !isHeard)
      throw invalid(
        `io.shared has retain: ${JSON.stringify(event)}, which no page may hear. ` +
          'Add it to on of its namespace, or leave it out',
      );
  }
}

/** A header that is never sent may be what a server asks for. */
function checkHeaders({ transports, extraHeaders, transportOptions = {} }: IoRules): void {
  const isTried = transports?.includes('websocket') ?? true;
  const own = Object(transportOptions.websocket).extraHeaders;
  if ((isTried && extraHeaders) || own)
    throw invalid(
      "io has extraHeaders, and a browser's WebSocket takes none. " +
        "Leave 'websocket' out of io.transports, or say what the server needs by auth",
    );
}

/** Throws INVALID_ARGUMENT for options that can't be read. Rules of paths are read in rule.ts. */
export function checkOptions(options: ServeOptions): void {
  if (!isRecord(options))
    throw new HadokenError(
      'INVALID_ARGUMENT',
      'serve(): there are no options. Name origins at least.',
    );
  check('its options', options, SERVE);
  const { limits = {}, services = {}, vault, io } = options;
  if (vault) {
    check('vault', vault, VAULT);
    if (!vault.refresh) throw invalid("vault can't be read: it has no refresh");
  }
  for (const [name, given] of Object.entries(services)) checkService(name, given);
  check('limits', limits, LIMITS);
  if (!isRecord(io)) return;
  check('io', io, IO);
  const { namespaces, shared } = io as IoRules;
  checkHeaders(io as IoRules);
  const rules = namespaces && checkNamespaces(namespaces);
  if (isRecord(shared)) checkShared(shared, rules);
}
