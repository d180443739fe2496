/** One rule of `serve({ fetch })`, read once and checked. */
import { HadokenError, toClause } from '../../rpc/errors.ts';
import { isAllowedOrigin, parseOriginList } from '../../rpc/origins.ts';
import type { FetchRule } from '../options/rules.ts';
import { EVENT_SOURCE_RULE, FETCH_RULE, STREAM_RULE, whyUnreadable } from './check-options.ts';
import { createHeaderRule, type HeaderRule } from './header-rules.ts';

/** The options that have such rules. */
export type RuleOption = 'fetch' | 'eventSource' | 'webSocket';

/** A rule as questions. */
export type Rule = {
  readonly given: FetchRule;
  allowsPath(reading: string): boolean;
  /** Whether its path is like `form`, one of {@link looseForms}. */
  isLike(form: string): boolean;
  allowsPage(origin: string): boolean;
  allowsMethod(method: string): boolean;
  readonly headers: HeaderRule;
};

/** What the members of a rule may be, beside `path` and {@link LISTS}. */
const CHOICES = {
  credentials: ['omit', 'same-origin', 'include'],
  redirect: ['follow', 'error'],
  cache: ['shared', 'private'],
} as const;
const LISTS = ['methods', 'headers', 'origins'] as const;
const EXAMPLES = { methods: "'GET'", headers: "'x-request-id'" };
const KINDS = { fetch: FETCH_RULE, eventSource: EVENT_SOURCE_RULE, webSocket: STREAM_RULE };

/** A method, or a header's name: https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

/** Why `rule` can't be read, or undefined. */
function whyInvalid(rule: FetchRule, option: RuleOption): string | undefined {
  if (option === 'webSocket' && Object.hasOwn(rule, 'shared'))
    return "a WebSocket is one page's and can't be shared. Use Socket.IO, or an EventSource";
  // First, because a misspelt `path` is no missing one.
  const why = whyUnreadable(rule, KINDS[option]);
  if (why) return why;
  if (typeof rule.path !== 'string' || !/^[/*]/.test(rule.path))
    return "its path does not start with / or *. Use a URLPattern pathname such as '/v1/*'";
  for (const name of LISTS) {
    const list: unknown = rule[name];
    if (list === undefined) continue;
    if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string'))
      return `its ${name} are no list of strings`;
    if (name === 'origins') continue;
    const other = list.find((entry) => !TOKEN.test(entry));
    if (other !== undefined)
      return `its ${name} has ${quote(other)}. Use one name for each, such as ${EXAMPLES[name]}`;
  }
  for (const name of Object.keys(CHOICES) as (keyof typeof CHOICES)[]) {
    const choice = rule[name];
    const choices: readonly string[] = CHOICES[name];
    if (choice !== undefined && !choices.includes(choice))
      return `its ${name} is ${quote(choice)}. Use one of ${choices.join(', ')}`;
  }
  return undefined;
}

/**
 * `path` in lower case, but for the names of groups (`/:a/:A` is no error) and for what is behind a
 * backslash: in a group's regular expression `\D` is not `\d`.
 */
function toLowerPattern(path: string): string {
  let depth = 0;
  return path.replace(/\\.|:[\p{ID_Continue}$]+|./gsu, (part) => {
    if (part === '(') depth += 1;
    if (part === ')') depth -= 1;
    const isName = part.length > 1 && depth === 0;
    return part.startsWith('\\') || isName ? part : part.toLowerCase();
  });
}

/**
 * A pattern that heeds no case, for paths in lower case. The option `ignoreCase` alone does not do:
 * Firefox 153 heeds it for patterns without wildcards only
 * (https://github.com/denoland/rust-urlpattern/pull/34).
 */
function createLoosePattern(path: string): URLPattern {
  try {
    return new URLPattern({ pathname: toLowerPattern(path) });
  } catch {
    // An expression that means something else in lower case, such as `\p{Lu}`.
    return new URLPattern({ pathname: path }, { ignoreCase: true });
  }
}

/**
 * `path` as URLPattern is to see it. Engines differ in what they make of a `?` or `#` in a
 * pathname.
 */
function toInput(path: string): { pathname: string } {
  return { pathname: path.replace(/[?#]/g, encodeURIComponent) };
}

/** Throws INVALID_ARGUMENT for a rule that can't be read. */
export function compileRule(given: FetchRule, option: RuleOption): Rule {
  const invalid = (why: unknown): HadokenError =>
    new HadokenError('INVALID_ARGUMENT', `serve(): ${option} has a rule ${quote(given)}: ${why}.`);
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject) throw invalid("it is no object such as { path: '/v1/*' }");
  const why = whyInvalid(given, option);
  if (why) throw invalid(why);
  let pattern: URLPattern;
  try {
    pattern = new URLPattern({ pathname: given.path });
  } catch (error) {
    throw invalid(`${toClause(error)}. Use a URLPattern pathname such as '/v1/*'`);
  }
  const where = `serve(): origins of the ${option} rule for ${quote(given.path)}`;
  const pages = given.origins && parseOriginList(given.origins, where);
  const methods = given.methods?.map((method) => method.toUpperCase());
  // Few rules are asked for it.
  let loosePattern: URLPattern | undefined;
  return {
    given,
    allowsPath: (path) => pattern.test(toInput(path)),
    isLike(path) {
      loosePattern ??= createLoosePattern(given.path);
      return loosePattern.test(toInput(path));
    },
    allowsPage: (origin) => !pages || isAllowedOrigin(origin, pages),
    allowsMethod: (method) => !methods || methods.includes(method.toUpperCase()),
    headers: createHeaderRule(given.headers, methods !== undefined),
  };
}

/** Throws INVALID_ARGUMENT where `rules` is neither a boolean nor a list. */
export function compileRules(rules: unknown, option: RuleOption): Rule[] {
  if (rules === undefined || typeof rules === 'boolean') return [];
  if (!Array.isArray(rules))
    throw new HadokenError(
      'INVALID_ARGUMENT',
      `serve(): ${option} is ${quote(rules)}. Use true, or a list such as [{ path: '/v1/*' }].`,
    );
  return rules.map((rule) => compileRule(rule, option));
}
