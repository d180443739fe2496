/** What of a page's traffic is shared with other pages, by `serve()`. */
import type { ServeOptions } from '../options.ts';
import { compileRules } from './rule.ts';

/** Whether a page of `origin` shares the stream of `url`. What it may open is for the policy. */
export type SharedStreams = (url: string, origin: string) => boolean;

/** By the first rule for the path that allows the page. */
export function createSharedStreams(rules: ServeOptions['eventSource']): SharedStreams {
  const all = compileRules(rules, 'eventSource');
  return (text, origin) => {
    let pathname: string;
    try {
      ({ pathname } = new URL(text));
    } catch {
      return false;
    }
    const rule = all.find(
      ({ allowsPath, allowsPage }) => allowsPath(pathname) && allowsPage(origin),
    );
    return !!(rule?.given as { shared?: boolean } | undefined)?.shared;
  };
}

/** Whether Socket.IO is shared. */
export function sharesIo({ io }: ServeOptions): boolean {
  return typeof io === 'object' && !!io.shared;
}

/** Whether a hub is wanted at all. */
export function sharesAny(options: ServeOptions): boolean {
  const { eventSource } = options;
  return (
    sharesIo(options) || (Array.isArray(eventSource) && eventSource.some(({ shared }) => shared))
  );
}
