/** What may cross of Socket.IO: `serve({ io })` as questions. */
import { HadokenError } from '../../rpc/errors.ts';
import type { IoRules, NamespaceRule } from '../options.ts';

export type IoPolicy = {
  /** The server, and how it is reached. */
  readonly url: string;
  readonly path: string;
  readonly transports: string[];
  /**
   * Throws POLICY_REFUSED where a page asks for another server, or Socket.IO is not allowed at all.
   */
  checkOrigin(origin: string): void;
  /** Throws POLICY_REFUSED for a namespace that is not allowed. */
  checkNamespace(nsp: string): void;
  /** Whether the event may cross, page to server (`emit`) or server to page (`on`). */
  allows(way: 'emit' | 'on', nsp: string, event: unknown): boolean;
};

function refuse(message: string): HadokenError {
  return new HadokenError('POLICY_REFUSED', message);
}

/** Throws INVALID_ARGUMENT for rules that can't be read. */
export function createIoRules(io: boolean | IoRules | undefined, frameOrigin: string): IoPolicy {
  const rules: IoRules = typeof io === 'object' ? io : {};
  const { path = '/socket.io/', transports = ['websocket', 'polling'], namespaces } = rules;
  let url: URL;
  try {
    url = new URL(rules.url ?? frameOrigin, frameOrigin);
  } catch {
    throw new HadokenError(
      'INVALID_ARGUMENT',
      `serve(): io has the url ${JSON.stringify(rules.url)}. ` +
        "Use an origin such as 'https://push.example.com'.",
    );
  }
  const ruleOf = (nsp: string): NamespaceRule | undefined => {
    if (!namespaces) return true;
    return Object.hasOwn(namespaces, nsp) ? namespaces[nsp] : undefined;
  };
  return {
    url: url.origin,
    path,
    transports,
    checkOrigin(origin) {
      if (!io) throw refuse('Socket.IO is not allowed. Add io: true to host.js.');
      if (origin !== '' && origin !== url.origin)
        throw refuse(
          `${origin} is not the frame's Socket.IO server. Name a namespace only, ` +
            "such as io('/chat').",
        );
    },
    checkNamespace(nsp) {
      if (!ruleOf(nsp))
        throw refuse(
          `The namespace ${nsp} is outside the rules. Add '${nsp}': ` +
            'true to io.namespaces in host.js.',
        );
    },
    allows(way, nsp, event) {
      const rule = ruleOf(nsp);
      if (typeof rule !== 'object') return rule === true;
      return rule[way]?.includes(String(event)) ?? true;
    },
  };
}
