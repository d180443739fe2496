/** The headers of SECURITY.md, file by file, to copy from. */
const EVERYWHERE = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };

/**
 * The app's pages. Of the API's origin they name three files and not all of it: a JSONP-like answer there is no script of
 * theirs. `connect-src` names it for the plain-CORS half of the race only: Hadoken doesn't need it.
 */
export function pageHeaders({ push, docs }) {
  const policy = [
    `default-src 'none'`,
    `script-src 'self' ${push}/hadoken/hadoken.js ${push}/hadoken/hadoken.drop-in.js`,
    `style-src 'self'`,
    `img-src 'self'`,
    `connect-src 'self' ${push}`,
    `frame-src ${push}/hadoken/frame.html`,
    `base-uri 'none'`,
    `form-action 'self'`,
    // The documentation's site shows cards of the page, where `npm run docs` has started it.
    `frame-ancestors ${docs ?? "'none'"}`,
  ];
  return { ...EVERYWHERE, 'Content-Security-Policy': policy.join('; ') };
}

/** No inline script, no eval, nothing from elsewhere, and requests to the frame's own origin alone. */
function ownPolicy(push, more) {
  // Older engines don't count ws: and wss: as 'self'.
  const sockets = push.replace('http', 'ws');
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `connect-src 'self' ${sockets}`,
    ...more,
  ];
  return { 'Content-Security-Policy': policy.join('; ') };
}

/** Who may load a file: pages of the same site, or nobody but the frame. */
const SITE = { 'Cross-Origin-Resource-Policy': 'same-site' };
const OWN = { 'Cross-Origin-Resource-Policy': 'same-origin' };
/** A page with this header may only embed what has it too, and so may a frame with its worker. */
const ISOLATED = { 'Cross-Origin-Embedder-Policy': 'require-corp' };
/** Asked for anew each time: these two files are what the site allows. */
const BRIEFLY = { 'Cache-Control': 'no-cache' };

/**
 * The frame's files, by name.
 *
 * - `frame.html`: only the app and the shop may embed it, and its worker comes from its own origin.
 * - `frame.js` is the worker's file too, and a worker takes the policy of its own file.
 * - `hadoken.js` and `hadoken.drop-in.js` are for pages. `same-site` is enough for those of one site; others want `cross-origin`.
 * - `host.js` and the rest: any other page that could load them as a script could read what host.js gives to `serve()`.
 */
export function frameHeaders({ app, shop, push, docs }, name) {
  const page = [
    `worker-src 'self'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    ['frame-ancestors', app, shop, docs].filter(Boolean).join(' '),
  ];
  const files = {
    'frame.html': { ...ownPolicy(push, page), ...ISOLATED, ...SITE, ...BRIEFLY },
    'frame.js': { ...ownPolicy(push, []), ...ISOLATED, ...OWN },
    'hadoken.js': SITE,
    'hadoken.drop-in.js': SITE,
    'host.js': { ...OWN, ...BRIEFLY },
  };
  return { ...EVERYWHERE, ...(Object.hasOwn(files, name) ? files[name] : OWN) };
}

/** Answers of the API: no script or picture of another origin's pages, and no other page's answer from a cache. */
export const API_HEADERS = {
  ...EVERYWHERE,
  ...OWN,
  'Cache-Control': 'no-store',
  Vary: 'Hadoken-Origin',
};
