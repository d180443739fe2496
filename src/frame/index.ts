/**
 * `hadoken/frame`: the frame's side as an ES module. Import it in the module that the frame's page
 * loads; the host runs that same module again in a worker. With plain files use frame.html,
 * frame.js and host.js instead.
 */
import { HadokenError } from '../rpc/errors.ts';
import { createGate } from './gate/gate.ts';
import type { Script } from './gate/worker.ts';
import type { ServeOptions } from './options.ts';
import { withUrlPattern } from './rules/url-pattern.ts';
import { hubPorts, serveInHub, serveInWindow, serveInWorker } from './serve.ts';

export type { ErrorCode } from '../rpc/errors.ts';
export { HadokenError, isHadokenError } from '../rpc/errors.ts';
export { transfer } from '../rpc/transfer.ts';
export type {
  Context,
  EventSourceRule,
  FetchRule,
  IoRules,
  Limits,
  NamespaceRule,
  ServeOptions,
  Services,
  SharedIo,
  StreamRule,
} from './options.ts';
export { endShared } from './serve.ts';

function moduleScript(): Script | undefined {
  const script = document.querySelector<HTMLScriptElement>('script[type=module][src]');
  return script ? { url: script.src, type: 'module', texts: [script.src] } : undefined;
}

function start(options: ServeOptions): void {
  if (hubPorts) void serveInHub(options, [self.location.href]);
  else if (typeof document === 'undefined') serveInWorker(options);
  else {
    const gate = createGate(window);
    const script = moduleScript();
    try {
      serveInWindow(options, script, gate);
    } catch (error) {
      gate.refuse(
        'HOST_FAILED',
        `${script?.url ?? document.baseURI} failed in serve(). Its error is in the console.`,
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
export function serve(options: ServeOptions): void {
  if (!('document' in globalThis || 'WorkerGlobalScope' in globalThis))
    throw new HadokenError('UNSUPPORTED', 'serve() runs in a frame and in its worker, not here.');
  withUrlPattern(() => start(options));
}
