/** What may cross of Socket.IO: `serve({ io })` as questions. */
import { HadokenError } from '../../rpc/errors.ts';
import { isAllowedOrigin, parseOriginList } from '../../rpc/origins.ts';
import type { IoRules, NamespaceRule } from '../options/socket-io.ts';
import { readServer } from './io-path.ts';

/** The rules as they are for one page. */
export type IoPolicy = {
  /** The server, and how it is reached. */
  readonly url: string;
  readonly path: string;
  readonly transports: string[];
  readonly parser: NonNullable<IoRules['parser']>;
  /** Options of the connection that are the frame's to say. */
  readonly more: Pick<IoRules, 'extraHeaders' | 'transportOptions'>;
  /**
   * Throws POLICY_REFUSED where a page asks for another server, or Socket.IO is not allowed at all.
   */
  checkOrigin(origin: string): void;
  /** Throws POLICY_REFUSED for a namespace that is not allowed. */
  checkNamespace(nsp: string): void;
  /** Whether the event may cross, page to server (`emit`) or server to page (`on`). */
  allows(way: 'emit' | 'on', nsp: string, event: unknown): boolean;
};

/** By the page's origin. */
export type IoPolicies = (page: string) => IoPolicy;

type NamespaceRules = NamespaceRule | NamespaceRule[];

function refuse(message: string): HadokenError {
  return new HadokenError('POLICY_REFUSED', message);
}

/** Of how many namespaces a page's rule is kept at hand. */
const MAX_KNOWN = 1_000;

/** Whether `pattern`, in which `*` is any text, is a pattern for `nsp`. */
function isLike(pattern: string, nsp: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined || !nsp.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = nsp.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return nsp.endsWith(last) && nsp.length - last.length >= at;
}

/** The rules of `nsp`: by its name, or by the first pattern that it is like. */
function rulesOf(namespaces: Record<string, NamespaceRules>, nsp: string): NamespaceRule[] {
  const key = Object.hasOwn(namespaces, nsp)
    ? nsp
    : Object.keys(namespaces).find((pattern) => isLike(pattern, nsp));
  const rules = key === undefined ? [] : namespaces[key];
  return Array.isArray(rules) ? rules : [rules as NamespaceRule];
}

/** Whether `rule` is for the page. */
function isFor(rule: NamespaceRule, page: string): boolean {
  if (typeof rule !== 'object' || !rule.origins) return true;
  return isAllowedOrigin(page, parseOriginList(rule.origins, 'serve(): origins of a namespace'));
}

/** Rules that check-options.ts has looked at. */
export function createIoRules(io: boolean | IoRules | undefined, frameOrigin: string): IoPolicies {
  const rules: IoRules = typeof io === 'object' ? io : {};
  const { path = '/socket.io/', transports = ['websocket', 'polling'], namespaces } = rules;
  const { parser = 'default' } = rules;
  const url = readServer(rules.url ?? frameOrigin) ?? frameOrigin;
  const { extraHeaders, transportOptions } = rules;
  const more = {
    ...(extraHeaders && { extraHeaders }),
    ...(transportOptions && { transportOptions }),
  };
  const server = { url, path, transports, parser, more };
  const checkOrigin = (origin: string): void => {
    if (!io) throw refuse('Socket.IO is not allowed. Add io: true to host.js.');
    if (origin !== '' && origin !== url)
      throw refuse(
        `${origin} is not the frame's Socket.IO server. Name a namespace only, ` +
          "such as io('/chat'), or say io.url where the server is.",
      );
  };

  return (page) => {
    /** Asked for with every packet. */
    const known = new Map<string, NamespaceRule | undefined>();
    const find = (nsp: string): NamespaceRule | undefined =>
      namespaces ? rulesOf(namespaces, nsp).find((rule) => isFor(rule, page)) : true;
    const ruleOf = (nsp: string): NamespaceRule | undefined => {
      if (known.has(nsp)) return known.get(nsp);
      const rule = find(nsp);
      // A page may ask for any number of names.
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(nsp, rule);
      return rule;
    };
    return {
      ...server,
      checkOrigin,
      checkNamespace(nsp) {
        if (ruleOf(nsp)) return;
        const isOthers = !!namespaces && rulesOf(namespaces, nsp).some(Boolean);
        throw refuse(
          isOthers
            ? `The namespace ${nsp} is for other pages. Add '${page}' to its origins in host.js.`
            : `The namespace ${nsp} is outside the rules. Add '${nsp}': ` +
                'true to io.namespaces in host.js.',
        );
      },
      allows(way, nsp, event) {
        const rule = ruleOf(nsp);
        if (typeof rule !== 'object') return rule === true;
        return rule[way]?.includes(String(event)) ?? true;
      },
    };
  };
}
