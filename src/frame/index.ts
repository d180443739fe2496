/**
 * `hadoken/frame`: the frame's side as an ES module. Import it in the module that the frame's page
 * loads; the host runs that same module again in a worker. With plain files use frame.html,
 * frame.js and host.js instead.
 */
import { HadokenError } from '../rpc/errors.ts';
import { createGate } from './gate/gate.ts';
import { type WorkerSource, workerOf } from './gate/worker.ts';
import type { ServeOptions } from './options.ts';
import { withUrlPattern } from './rules/url-pattern.ts';
import { hubPorts, isServed, serveInHub, serveInWindow, serveInWorker } from './serve.ts';

export type { ErrorCode, HadokenErrorOptions } from '../rpc/errors.ts';
export { HadokenError, isHadokenError } from '../rpc/errors.ts';
export type {
  Service,
  ServiceContext,
  ServiceMethods,
  ServiceRule,
  Services,
} from '../rpc/services.ts';
export { type Transferred, transfer } from '../rpc/transfer.ts';
export type { AuthContext, Context, RequestContext, ResponseContext } from './options/hooks.ts';
export type { EventSourceRule, FetchRule, StreamRule } from './options/rules.ts';
export type { IoRules, NamespaceRule, SharedIo } from './options/socket-io.ts';
export type { SignedIn, Token, VaultOptions } from './options/vault.ts';
export type { Limits, NotifyOptions, ServeOptions } from './options.ts';
export { endShared, notify, vault } from './serve.ts';
export { service } from './services/service.ts';

/** How the host's worker is made, where a bundler makes a file of its own for it. */
export interface ServeSetup {
  /**
   * Makes the worker, in the form that bundlers know. Called in the frame's window alone, once a
   * page of `origins` is there. What the worker runs has to call `serve()` with the same options.
   * @default the one module of the frame's page that has a `src`, run again
   *
   * @example
   * () => new Worker(new URL('./host.ts', import.meta.url), { type: 'module' })
   */
  worker?: () => Worker;
}

/**
 * The page's one module that has a URL. With several it is not known which one calls `serve()`. A
 * development server adds its own, below /@ (Vite's).
 */
function onlyModule(): string | undefined {
  const scripts = document.querySelectorAll<HTMLScriptElement>('script[type=module][src]');
  const urls = [...scripts].map(({ src }) => src);
  const own = urls.filter((url) => !new URL(url).pathname.startsWith('/@'));
  return own.length === 1 ? own[0] : undefined;
}

function sourceOf({ worker }: ServeSetup): WorkerSource | undefined {
  if (worker !== undefined && typeof worker !== 'function')
    throw new HadokenError('INVALID_ARGUMENT', 'serve(): worker is not a function that makes one.');
  if (worker) return { create: worker };
  const url = onlyModule();
  return url === undefined ? undefined : workerOf({ url, type: 'module', texts: [url] });
}

function start(options: ServeOptions, setup: ServeSetup): void {
  if (hubPorts) void serveInHub(options, [self.location.href]);
  else if (typeof document === 'undefined') serveInWorker(options);
  else {
    const gate = createGate(window);
    const isSecond = isServed();
    try {
      serveInWindow(options, sourceOf(setup), gate);
    } catch (error) {
      // A second call changes nothing for who is served by the first.
      if (!isSecond)
        gate.refuse(
          'HOST_FAILED',
          `${location.origin}${location.pathname} failed in serve(). Its error is in the console.`,
        );
      throw error;
    }
  }
}

/**
 * Serves the pages of `options.origins`. Call it once, as the page loads; it works in a window and
 * in a worker. Throws a HadokenError with code INVALID_ARGUMENT for options that can't be read.
 *
 * @example
 * serve({ origins: ['https://app.example.com'], fetch: [{ path: '/v1/*' }], io: true });
 */
export function serve(options: ServeOptions, setup: ServeSetup = {}): void {
  if (!('document' in globalThis || 'WorkerGlobalScope' in globalThis))
    throw new HadokenError('UNSUPPORTED', 'serve() runs in a frame and in its worker, not here.');
  withUrlPattern(() => start(options, setup));
}
