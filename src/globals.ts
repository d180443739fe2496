/**
 * `import 'hadoken/globals'`: tells TypeScript of the globals that the plain scripts make. It has
 * no code. Import it once, anywhere; or name it under `types` in a tsconfig.json.
 *
 * tsconfig.json leaves this file out, because src and the tests are modules and must not know of
 * globals; the test of the built types (test/node/types-for-users.test.mjs) compiles it.
 */
import type * as frame from './frame/index.ts';
import type * as page from './parent/index.ts';

declare global {
  /**
   * What the script include (hadoken.js) makes: the client that it connects by itself, and beside
   * it everything that the module exports. With `data-manual` it is not connected, and has only
   * what the module exports: `connect()` gives the client.
   *
   * @example
   * const { release } = hadoken.config as SiteConfig;
   */
  var hadoken: page.Hadoken & typeof page;

  /** What frame.js makes for the site's own host.js. */
  var hadokenFrame: typeof frame;
}
