const EVERYWHERE = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };

/** The app's pages. `connect-src` names the push server only for the plain-CORS half of the race: Hadoken doesn't need it. */
export function pageHeaders({ push }) {
  const policy = [
    `default-src 'none'`,
    `script-src 'self' ${push}`,
    `style-src 'self'`,
    `img-src 'self'`,
    `connect-src 'self' ${push}`,
    `frame-src ${push}`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ];
  return { ...EVERYWHERE, 'Content-Security-Policy': policy.join('; ') };
}

/**
 * The frame's files: only the app may embed them, no inline script, no eval, a worker of its own origin.
 * COEP and CORP let pages that are cross-origin isolated load the frame too.
 */
export function frameHeaders({ app, push }) {
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `worker-src 'self'`,
    `connect-src 'self' ${push.replace('http', 'ws')}`, // older engines don't count ws: as 'self'
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors ${app}`,
  ];
  return {
    ...EVERYWHERE,
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-site',
  };
}
