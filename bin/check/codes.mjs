/**
 * Every finding that `npx hadoken check` may print: its code, how bad it is, and the part of the docs
 * that says more. Codes are stable: scripts may look for them. docs/check.md lists the same codes,
 * and test/node/check.test.mjs holds the two against each other.
 *
 * - `error`: a page of the origin would fail, or a part that host.js allows would.
 * - `warning`: it works, but less well or less safely than it could.
 * - `note`: what is good to know.
 *
 * @typedef {'error' | 'warning' | 'note'} Severity
 */

const TROUBLE = 'docs/troubleshooting.md';
const DUTIES = 'SECURITY.md#what-you-have-to-do';
const SCRIPT = `${TROUBLE}#hadoken-is-not-defined-or-is-not-connected`;
const TIMEOUT = `${TROUBLE}#frame_timeout`;
const BLOCKED = `${TROUBLE}#frame_blocked`;
const LOST = `${TROUBLE}#frame_lost`;
const HOST = `${TROUBLE}#host_failed`;
const ORIGIN = `${TROUBLE}#origin_refused`;
const VERSION = `${TROUBLE}#version_mismatch`;
const POLICY = `${TROUBLE}#policy_refused`;
const SOCKET = `${TROUBLE}#socketios-own-errors`;

/** @type {Record<string, readonly [Severity, string]>} */
export const codes = {
  // What was asked.
  'url-not-http': ['error', TIMEOUT],
  'origin-invalid': ['error', ORIGIN],
  'mixed-content': ['error', TIMEOUT],
  'plain-http': ['warning', DUTIES],
  'cross-site': ['warning', 'README.md#when-not-to'],
  'same-origin': ['note', HOST],
  // The server.
  'name-not-found': ['error', TIMEOUT],
  unreachable: ['error', TIMEOUT],
  certificate: ['error', TIMEOUT],
  'no-answer': ['error', TIMEOUT],
  // The frame's page.
  'frame-status': ['error', TIMEOUT],
  'frame-type': ['error', TIMEOUT],
  'frame-download': ['error', TIMEOUT],
  'frame-other-page': ['error', TIMEOUT],
  'frame-bundled': ['note', 'docs/check.md#what-it-does-not-see'],
  'frame-packed': ['note', 'docs/check.md#what-it-does-not-see'],
  'frame-packed-csp': ['error', 'docs/pack.md#content-security-policy'],
  'frame-more-scripts': ['warning', DUTIES],
  'frame-reloads': ['warning', LOST],
  'frame-redirect': ['warning', TIMEOUT],
  'frame-redirect-origin': ['error', TIMEOUT],
  'redirect-loop': ['error', TIMEOUT],
  'x-frame-options': ['error', TIMEOUT],
  'x-frame-options-unused': ['note', DUTIES],
  'frame-ancestors': ['error', TIMEOUT],
  'frame-ancestors-missing': ['note', DUTIES],
  'frame-csp-script': ['error', TIMEOUT],
  'frame-csp-worker': ['warning', HOST],
  'frame-csp-sandbox': ['error', TIMEOUT],
  'frame-csp-hub': ['warning', 'docs/shared.md#where-there-is-no-hub'],
  'frame-trusted-types': ['error', TIMEOUT],
  'frame-coep': ['note', TIMEOUT],
  // The files beside it.
  'file-missing': ['error', TIMEOUT],
  'file-unused': ['note', 'README.md#use-it'],
  'file-type': ['error', HOST],
  'file-type-worker': ['warning', HOST],
  'file-other': ['error', HOST],
  'file-encoding': ['error', HOST],
  'file-redirect': ['warning', DUTIES],
  'file-changed': ['note', VERSION],
  'script-corp': ['error', SCRIPT],
  'host-corp': ['warning', DUTIES],
  'nosniff-missing': ['note', DUTIES],
  'hub-missing': ['warning', 'docs/shared.md#where-there-is-no-hub'],
  'version-mismatch': ['error', VERSION],
  'version-mixed': ['warning', VERSION],
  'version-unknown': ['note', VERSION],
  'version-other': ['note', VERSION],
  'cache-rules': ['warning', DUTIES],
  'cache-scripts-long': ['note', VERSION],
  'cache-scripts-none': ['note', 'docs/script.md#a-faster-first-visit'],
  'not-compressed': ['warning', 'docs/script.md#a-faster-first-visit'],
  // The worker, which has the headers of frame.js.
  'worker-csp-missing': ['note', DUTIES],
  'worker-csp-script': ['warning', HOST],
  'worker-csp-chunk': ['error', HOST],
  'worker-csp-connect': ['error', DUTIES],
  'worker-csp-sandbox': ['warning', HOST],
  'worker-trusted-types': ['warning', HOST],
  'worker-coep': ['warning', DUTIES],
  // host.js.
  'host-syntax': ['error', HOST],
  'host-throws': ['error', HOST],
  'host-hangs': ['error', HOST],
  'host-silent': ['error', HOST],
  'host-twice': ['warning', HOST],
  'host-options': ['error', HOST],
  'host-origin': ['error', ORIGIN],
  'host-config': ['error', HOST],
  'host-needs-window': ['warning', HOST],
  'host-not-run': ['warning', 'docs/check.md#what-it-does-not-see'],
  'host-allows': ['note', POLICY],
  'host-allows-nothing': ['warning', POLICY],
  'host-fetch-all': ['note', DUTIES],
  // The Socket.IO server, where host.js allows it.
  'io-missing': ['error', SOCKET],
  'io-version': ['error', SOCKET],
  'io-websocket': ['warning', SOCKET],
  'io-polling': ['warning', SOCKET],
  'io-sticky': ['warning', SOCKET],
  'io-cors': ['warning', SOCKET],
  // The page.
  'page-unknown': ['note', BLOCKED],
  'page-csp-frame': ['error', BLOCKED],
  'page-csp-script': ['error', SCRIPT],
  'page-csp-sandbox': ['error', ORIGIN],
  'page-coep': ['error', TIMEOUT],
};
