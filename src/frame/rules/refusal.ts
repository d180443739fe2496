/** Why a request is refused, and what would allow it: the text of POLICY_REFUSED. */
import { HadokenError } from '../../rpc/errors.ts';
import { namesIoPath } from './io-path.ts';
import { compileRule, type Rule, type RuleOption } from './rule.ts';

/** A request as the rules see it. */
export type Judged = {
  option: RuleOption;
  method: string;
  pathname: string;
  /** None where it is refused for what it hides. */
  readings: readonly string[];
  /** Socket.IO's paths among what it reaches. */
  ioPaths: readonly string[];
  /** Its headers' keys. */
  keys: readonly string[];
  /** The page. */
  origin: string;
};

const NO_RULE = 'Ask for the plain path: no rule can allow this one';

/** `what` is refused; `todo` says what to do about it. */
export function refuse(what: string, todo: string): HadokenError {
  return new HadokenError('POLICY_REFUSED', `${what}. ${todo}.`);
}

/** `text` as it is written in host.js. */
function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function list(texts: readonly string[]): string {
  return texts.map(literal).join(', ');
}

/** `pathname` as a pattern for itself alone. */
function toPattern(pathname: string): string {
  return pathname.replace(/[\\:*(){}+?]/g, '\\$&');
}

/** The folder that all of `readings` are in, with its last slash. */
function commonFolder([first = '/', ...others]: readonly string[]): string {
  let end = 0;
  while (end < first.length && others.every((other) => other[end] === first[end])) end += 1;
  return first.slice(0, first.slice(0, end).lastIndexOf('/') + 1) || '/';
}

/** Whether the path of `rule` allows the request's. */
export function coversPath(rule: Rule, { readings, ioPaths }: Judged): boolean {
  const { path } = rule.given;
  return ioPaths.every((prefix) => namesIoPath(path, prefix)) && readings.every(rule.allowsPath);
}

/** The narrowest pattern that allows the request's path. */
function suggestPath(judged: Judged): string | undefined {
  const { pathname, readings, option } = judged;
  if (readings.length === 0) return undefined;
  const patterns = [toPattern(pathname), `${toPattern(commonFolder(readings))}*`];
  return patterns.find((path) => coversPath(compileRule({ path }, option), judged));
}

/** A whole rule that allows the request and no other method, as it is written in host.js. */
function suggestRule(path: string, { option, method, keys }: Judged): string {
  // A stream's rules have no methods.
  const given = option === 'fetch' ? { path, methods: [method] } : { path };
  const names = compileRule(given, option).headers.missing(keys);
  const methods = given.methods ? `, methods: [${literal(method)}]` : '';
  const headers = names.length ? `, headers: [${list(names)}]` : '';
  return `{ path: ${literal(path)}${methods}${headers} }`;
}

function whatOf({ method, pathname }: Judged): string {
  return `${method} ${pathname}`;
}

/** Its path hides something, or has too many readings. */
export function refuseAmbiguous(judged: Judged): HadokenError {
  return refuse(`${whatOf(judged)} can be read in two ways`, NO_RULE);
}

/** No rule has a path that allows it. */
export function refusePath(judged: Judged): HadokenError {
  const { option, ioPaths } = judged;
  const isIo = ioPaths.length > 0;
  const why = isIo ? "is on Socket.IO's path, which a rule has to name" : 'is outside the rules';
  const what = `${whatOf(judged)} ${why}`;
  const path = suggestPath(judged);
  if (path === undefined) return refuse(what, NO_RULE);
  const rule = suggestRule(path, judged);
  const todo = `Add ${rule} to ${option} in host.js to allow it`;
  if (path !== '/*') return refuse(what, todo);
  return refuse(what, `Ask for the plain path, for this one needs a rule for all paths. ${todo}`);
}

/** `true` allows all but this: Socket.IO's path, or a header that servers trust. */
export function refuseDespiteTrue(judged: Judged, header: string | undefined): HadokenError {
  const { option, ioPaths } = judged;
  const path = suggestPath(judged);
  const isIo = ioPaths.length > 0;
  const why = isIo ? "Socket.IO's path is not reached" : `the header ${header} may not cross`;
  const what = `${whatOf(judged)}: ${why} by ${option}: true`;
  if (path === undefined) return refuse(what, NO_RULE);
  const rule = suggestRule(path, judged);
  return refuse(what, `Give a list of rules to ${option} in host.js, with ${rule} among them`);
}

/** What `rule`, whose path allows the request, lacks to allow all of it. */
function lacksOf(rule: Rule, { origin, method, keys }: Judged): string[] {
  const lacks: string[] = [];
  if (!rule.allowsPage(origin)) lacks.push(`${literal(origin)} to that path's origins`);
  if (!rule.allowsMethod(method)) lacks.push(`${literal(method)} to that path's methods`);
  const names = rule.headers.missing(keys);
  if (names.length) lacks.push(`${list(names)} to that path's headers`);
  return lacks;
}

/** The first that the best of `rules` does not allow. Their paths all allow the request. */
export function refuseByRules(rules: readonly Rule[], judged: Judged): HadokenError {
  const { origin, method, keys } = judged;
  const forPage = rules.filter((rule) => rule.allowsPage(origin));
  const forMethod = forPage.filter((rule) => rule.allowsMethod(method));
  const [best] = [forMethod, forPage, rules].filter(({ length }) => length);
  const near = (best ?? []).map((rule) => ({ rule, lacks: lacksOf(rule, judged) }));
  const { rule, lacks } = near.reduce((one, other) =>
    other.lacks.length < one.lacks.length ? other : one,
  );
  const todo = `Add ${lacks.join(', and ')} in host.js`;
  const what = whatOf(judged);
  if (best === rules && forPage.length === 0) return refuse(`${what} is for other pages`, todo);
  if (forMethod.length === 0) return refuse(`${what}: the method is outside the rules`, todo);
  const header = keys.find((key) => !rule.headers.allows(key));
  return refuse(`${what}: the header ${header} may not cross`, todo);
}

/** Of a page that has given its port for `traffic`: limits are counted by port. */
export function refuseSecondPort(traffic: string, instead: string): HadokenError {
  return new HadokenError(
    'LIMIT_EXCEEDED',
    `This page has its port for ${traffic} already, and one is the limit. ` +
      `${instead} over that one.`,
    { retryable: false },
  );
}
