/** `npx hadoken check` against deployments that are broken, each in one way, and against a good one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { codes } from '../../bin/check/codes.mjs';
import { checkDeployment } from '../../bin/check/deployment.mjs';
import { deploy } from '../support/deployment.mjs';
import { fixtures, root } from '../support/static-files.mjs';

const CSP = 'Content-Security-Policy';
const COEP = 'Cross-Origin-Embedder-Policy';
const CORP = 'Cross-Origin-Resource-Policy';
const RELEASE = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** Changes a header of a file; without a value it takes it away. */
const PACKED_SCRIPT = 'self.hadokenFile="frame.0123456789abcdef.js";self.hadokenPacked={};';
const PACKED = `<title>hadoken</title><script>${PACKED_SCRIPT}</script>`;
const header = (file, name, value) => (deployment) => {
  const { headers } = deployment.file(file);
  if (value === undefined) delete headers[name];
  else headers[name] = value;
};
const policy = (file, from, to) => (deployment) => {
  const { headers } = deployment.file(file);
  const changed = headers[CSP].replace(from, to);
  assert.notEqual(changed, headers[CSP]);
  headers[CSP] = changed;
};
const answer = (file, change) => (deployment) => void Object.assign(deployment.file(file), change);
const remove =
  (...names) =>
  (deployment) =>
    deployment.remove(...names);
const all =
  (...changes) =>
  (deployment) => {
    for (const change of changes) change(deployment);
  };
/** Puts another text into host.js; `ORIGIN` stands for the page's. */
const host = (text) => (deployment) => {
  deployment.file('host.js').text = text.replaceAll('ORIGIN', deployment.origins.app);
};
const serve = (more) => host(`hadokenFrame.serve({ origins: ['ORIGIN'], ${more} });`);
const io = (change) => (deployment) => {
  deployment.io = change && { ...deployment.io, ...change };
};
const ask = (change) => (deployment) => Object.assign(deployment.question, change);
const rewrite = (file, from, to) => (deployment) => {
  const there = deployment.file(file);
  there.text = there.text.replace(from, to);
};
const redirect = (file, location) =>
  answer(file, { status: 302, headers: { Location: location }, text: '' });

/** What is broken, the codes of errors and warnings that have to be found, what the message says, how it is broken. */
const broken = [
  // The frame's page.
  ['frame.html is not there', 'frame-status', /answered 404/, remove('frame.html')],
  ['its server fails', 'frame-status', /answered 500/, answer('frame.html', { status: 500 })],
  ['it wants a login', 'frame-status', /answered 401/, answer('frame.html', { status: 401 })],
  [
    'it is another page',
    'frame-other-page',
    /frame\.html/,
    answer('frame.html', { text: '<!doctype html><script src="/main.js"></script>' }),
  ],
  [
    'a proxy puts its scripts off',
    'frame-other-page',
    /frame\.js/,
    rewrite('frame.html', '<script ', '<script type="8e-text/javascript" '),
  ],
  [
    'it is sent as text',
    'frame-type',
    /text\/plain/,
    header('frame.html', 'Content-Type', 'text/plain'),
  ],
  [
    'it is saved',
    'frame-download',
    /attachment/,
    header('frame.html', 'Content-Disposition', 'attachment; filename=frame.html'),
  ],
  ['it reloads itself', 'frame-reloads', /refresh/, header('frame.html', 'Refresh', '300')],
  [
    'it has a script of another’s',
    'frame-more-scripts',
    /1 more script/,
    rewrite('frame.html', '</head>', '<script src="/beacon.js"></script></head>'),
  ],
  [
    'it is redirected to a login elsewhere',
    'frame-redirect-origin',
    /sso\.example\.com/,
    redirect('frame.html', 'https://sso.example.com/login'),
  ],
  [
    'it is redirected to a login beside it',
    'frame-other-page frame-redirect',
    /login/,
    all(
      redirect('frame.html', '/hadoken/login'),
      answer('login', { headers: { 'Content-Type': 'text/html' }, text: '<form>' }),
    ),
  ],
  [
    'it is redirected in a circle',
    'redirect-loop',
    /10 times/,
    redirect('frame.html', '/hadoken/frame.html'),
  ],
  [
    'its Content-Encoding is a lie',
    'file-encoding',
    /gzip/,
    header('frame.html', 'Content-Encoding', 'gzip'),
  ],
  // Its headers.
  [
    'X-Frame-Options: SAMEORIGIN, as helmet sends',
    'x-frame-options',
    /SAMEORIGIN/,
    all(
      policy('frame.html', /frame-ancestors [^;]*/, "form-action 'none'"),
      header('frame.html', 'X-Frame-Options', 'SAMEORIGIN'),
    ),
  ],
  [
    'X-Frame-Options: DENY without a policy',
    'x-frame-options',
    /DENY/,
    all(header('frame.html', CSP), header('frame.html', 'X-Frame-Options', 'DENY')),
  ],
  [
    'X-Frame-Options twice',
    'x-frame-options',
    /ALLOWALL, SAMEORIGIN/,
    all(
      header('frame.html', CSP),
      header('frame.html', 'X-Frame-Options', ['ALLOWALL', 'SAMEORIGIN']),
    ),
  ],
  [
    'frame-ancestors none',
    'frame-ancestors',
    /frame-ancestors 'none'/,
    header('frame.html', CSP, "frame-ancestors 'none'"),
  ],
  [
    'frame-ancestors self, as helmet sends',
    'frame-ancestors',
    /'self'/,
    header('frame.html', CSP, "frame-ancestors 'self'"),
  ],
  [
    'frame-ancestors with another scheme',
    'frame-ancestors',
    /https:\/\/app/,
    (deployment) =>
      header(
        'frame.html',
        CSP,
        `frame-ancestors ${deployment.origins.app.replace('http', 'https')}`,
      )(deployment),
  ],
  [
    'frame-ancestors with the bare domain',
    'frame-ancestors',
    /localhost/,
    (deployment) =>
      header(
        'frame.html',
        CSP,
        `frame-ancestors http://hadoken.localhost:${deployment.origins.port}`,
      )(deployment),
  ],
  [
    'frame-ancestors in a second policy',
    'frame-ancestors',
    /'none'/,
    (deployment) =>
      header('frame.html', CSP, [
        `frame-ancestors ${deployment.origins.app}`,
        "frame-ancestors 'none'",
      ])(deployment),
  ],
  [
    'its policy blocks its script',
    'frame-csp-script',
    /script-src 'none'/,
    policy('frame.html', "script-src 'self'", "script-src 'none'"),
  ],
  [
    'its policy has default-src alone',
    'frame-csp-script',
    /default-src 'none'/,
    header(
      'frame.html',
      CSP,
      "default-src 'none'; worker-src 'self'; connect-src 'self'; frame-ancestors http:",
    ),
  ],
  [
    'its policy has the hash of another pack',
    'frame-packed-csp',
    /sha256-AAAA/,
    all(
      answer('frame.html', { text: PACKED }),
      policy('frame.html', "script-src 'self'", "script-src 'sha256-AAAA' 'self'"),
    ),
  ],
  [
    'its policy knows nothing of what is packed',
    'frame-packed-csp',
    /script-src 'self'/,
    answer('frame.html', { text: PACKED }),
  ],
  [
    'its policy names a nonce',
    'frame-csp-script',
    /nonce-x/,
    policy('frame.html', "script-src 'self'", "script-src 'nonce-x'"),
  ],
  [
    'strict-dynamic makes self nothing',
    'frame-csp-script',
    /strict-dynamic/,
    policy('frame.html', "script-src 'self'", "script-src 'self' 'strict-dynamic' 'nonce-x'"),
  ],
  [
    'its policy is in a meta',
    'frame-csp-script frame-csp-worker',
    /script-src 'none'/,
    rewrite(
      'frame.html',
      '<title>',
      `<meta http-equiv="Content-Security-Policy" content="script-src 'none'"><title>`,
    ),
  ],
  [
    'its policy names frame.js alone',
    'frame-csp-script',
    /frame\.js/,
    (deployment) =>
      policy(
        'frame.html',
        "script-src 'self'",
        `script-src ${deployment.origins.push}/hadoken/frame.js`,
      )(deployment),
  ],
  [
    'its policy has a sandbox',
    'frame-csp-sandbox',
    /allow-same-origin/,
    policy('frame.html', 'worker-src', 'sandbox allow-scripts; worker-src'),
  ],
  [
    'it wants trusted types',
    'frame-trusted-types',
    /require-trusted-types-for/,
    policy('frame.html', 'worker-src', "require-trusted-types-for 'script'; worker-src"),
  ],
  [
    'its policy has no worker',
    'frame-csp-worker',
    /worker-src 'none'/,
    policy('frame.html', "worker-src 'self'", "worker-src 'none'"),
  ],
  [
    'its policy has child-src for workers',
    'frame-csp-worker',
    /child-src 'none'/,
    policy('frame.html', "worker-src 'self'", "child-src 'none'"),
  ],
  // The worker, by the headers of frame.js.
  [
    'the worker may not connect',
    'worker-csp-connect',
    /connect-src 'none'/,
    policy('frame.js', /connect-src [^;]*/, "connect-src 'none'"),
  ],
  [
    'the worker may open no WebSockets',
    'io-websocket',
    /ws:\/\/push.*to connect-src/,
    (deployment) =>
      policy('frame.js', /connect-src [^;]*/, `connect-src ${deployment.origins.push}`)(deployment),
  ],
  [
    'the worker may load nothing',
    'worker-csp-script',
    /default-src/,
    header('frame.js', CSP, "default-src 'none'; connect-src 'self'"),
  ],
  [
    'the worker wants trusted types',
    'worker-trusted-types',
    /importScripts/,
    policy('frame.js', 'connect-src', "require-trusted-types-for 'script'; connect-src"),
  ],
  [
    'the worker has a sandbox',
    'worker-csp-sandbox',
    /sandbox/,
    policy('frame.js', 'connect-src', 'sandbox allow-scripts; connect-src'),
  ],
  [
    'the worker may load host.js alone',
    'worker-csp-chunk',
    /frame\.io\.js/,
    (deployment) =>
      policy(
        'frame.js',
        "script-src 'self'",
        `script-src ${deployment.origins.push}/hadoken/host.js`,
      )(deployment),
  ],
  [
    'the worker has no COEP and the frame has',
    'worker-coep',
    /frame\.js too/,
    header('frame.js', COEP),
  ],
  [
    'the window may not read the scripts for the hub',
    'frame-csp-hub',
    /connect-src 'none'/,
    all(
      serve('io: { shared: true }'),
      header('frame.html', CSP, "script-src 'self'; connect-src 'none'; frame-ancestors http:"),
    ),
  ],
  // The files.
  ['frame.js is not there', 'file-missing', /frame\.js could not be loaded/, remove('frame.js')],
  [
    'host.js is not there',
    'file-missing',
    /host\.js could not be loaded.*Put it beside frame\.js/,
    remove('host.js'),
  ],
  ['hadoken.js is not there', 'file-missing', /--module/, remove('hadoken.js')],
  [
    'frame.io.js is not there, and io is allowed',
    'file-missing',
    /host\.js allows io/,
    remove('frame.io.js'),
  ],
  [
    'frame.urlpattern.js is not there',
    'file-missing',
    /Firefox before 142/,
    remove('frame.urlpattern.js'),
  ],
  [
    'frame.msgpack.js is not there, and host.js has io.parser',
    'file-missing',
    /has io\.parser/,
    all(serve("io: { parser: 'msgpack' }"), remove('frame.msgpack.js')),
  ],
  [
    'frame.vault.js is not there, and host.js has a vault',
    'file-missing',
    /has a vault/,
    all(serve('fetch: true, vault: { refresh() {} }'), remove('frame.vault.js')),
  ],
  [
    'frame.hub.js is not there, and something is shared',
    'hub-missing',
    /nothing is shared/,
    all(serve('io: { shared: true }'), remove('frame.hub.js')),
  ],
  [
    'every path is index.html',
    'file-other',
    /HTML page/,
    all(
      ...['host.js', 'frame.io.js', 'frame.urlpattern.js', 'frame.js'].map((name) =>
        answer(name, {
          text: '<!doctype html><title>x</title>',
          headers: { 'Content-Type': 'text/html' },
        }),
      ),
    ),
  ],
  [
    'frame.js is some other script',
    'file-other',
    /not a file of Hadoken/,
    answer('frame.js', { text: 'console.log(1)' }),
  ],
  [
    'hadoken.js is text, with nosniff',
    'file-type',
    /text\/plain.*nosniff/,
    header('hadoken.js', 'Content-Type', 'text/plain'),
  ],
  [
    'host.js has no type, with nosniff',
    'file-type',
    /no type at all/,
    header('host.js', 'Content-Type'),
  ],
  [
    'frame.io.js has no type of JavaScript',
    'file-type',
    /module/,
    all(
      header('frame.io.js', 'Content-Type', 'application/octet-stream'),
      header('frame.io.js', 'X-Content-Type-Options'),
    ),
  ],
  [
    'frame.js is text, without nosniff',
    'file-type-worker',
    /text\/plain/,
    all(
      header('frame.js', 'Content-Type', 'text/plain'),
      header('frame.js', 'X-Content-Type-Options'),
    ),
  ],
  [
    'hadoken.js is redirected',
    'file-redirect',
    /\/hadoken\/2\/hadoken\.js/,
    (deployment) => {
      Object.assign(deployment.file('2/hadoken.js'), deployment.file('hadoken.js'));
      redirect('hadoken.js', '/hadoken/2/hadoken.js')(deployment);
    },
  ],
  [
    'hadoken.js has helmet’s CORP',
    'script-corp',
    /same-origin.*helmet/,
    header('hadoken.js', CORP, 'same-origin'),
  ],
  ['host.js can be read by any page', 'host-corp', /read what it gives/, header('host.js', CORP)],
  [
    'host.js is kept for a year',
    'cache-rules',
    /31536000 s/,
    header('host.js', 'Cache-Control', 'max-age=31536000, immutable'),
  ],
  [
    'frame.html is kept as long as browsers guess',
    'cache-rules',
    /guess/,
    all(
      header('frame.html', 'Cache-Control'),
      header('frame.html', 'Last-Modified', 'Mon, 01 Jan 2024 00:00:00 GMT'),
    ),
  ],
  [
    'nothing is compressed',
    'not-compressed',
    /frame\.js/,
    (deployment) => {
      for (const name of deployment.names()) deployment.file(name).isPlain = true;
    },
  ],
  [
    'hadoken.js is of an old release',
    'version-mismatch',
    /0\.0\.9/,
    rewrite('hadoken.js', `hadoken ${RELEASE}`, 'hadoken 0.0.9'),
  ],
  [
    'hadoken.js is a patch older',
    'version-mixed',
    /0\.1\.9/,
    rewrite('hadoken.js', `hadoken ${RELEASE}`, 'hadoken 0.1.9'),
  ],
  [
    'frame.io.js is a patch older',
    'version-mismatch',
    /frame\.io\.js/,
    rewrite('frame.io.js', `hadoken ${RELEASE}`, 'hadoken 0.1.9'),
  ],
  // host.js.
  [
    'host.js can’t be parsed',
    'host-syntax',
    /line 2/,
    host("hadokenFrame.serve({\n  origins: ['ORIGIN' })"),
  ],
  ['host.js is a module', 'host-syntax', /no module/, host("import { serve } from './frame.mjs';")],
  ['host.js throws', 'host-throws', /on purpose/, host("throw new Error('on purpose')")],
  ['host.js loops', 'host-hangs', /loop/, all(host('for (;;);'), ask({ timeout: 1_000 }))],
  [
    'host.js does not serve',
    'host-silent',
    /did not call/,
    host('setTimeout(() => hadokenFrame.serve({}), 10)'),
  ],
  [
    'host.js serves twice',
    'host-twice',
    /first call stands/,
    host(
      "hadokenFrame.serve({ origins: ['ORIGIN'], fetch: [{ path: '/v1/*' }] }); hadokenFrame.serve({ origins: ['ORIGIN'] });",
    ),
  ],
  [
    'host.js names no origins',
    'host-options',
    /origins/,
    host('hadokenFrame.serve({ fetch: true })'),
  ],
  [
    'host.js names any origin',
    'host-options',
    /\*/,
    host("hadokenFrame.serve({ origins: ['*'] })"),
  ],
  [
    'host.js has a rule that can’t be read',
    'host-options',
    /method/,
    serve("fetch: [{ path: '/v1/*', method: 'GET' }]"),
  ],
  [
    'host.js has an option that there is not, and all that there are are named',
    'host-options',
    /unknown option "headers"\. Known are origins, .*, cookies, limits\./,
    serve('headers: {}'),
  ],
  [
    'host.js is for another origin',
    'host-origin',
    /https:\/\/app\.example\.com/,
    host("hadokenFrame.serve({ origins: ['https://app.example.com'] })"),
  ],
  [
    'its config throws',
    'host-config',
    /no config today/,
    serve("fetch: [{ path: '/v1/*' }], config() { throw new Error('no config today') }"),
  ],
  [
    'its config does not clone',
    'host-config',
    /clone/,
    serve("fetch: [{ path: '/v1/*' }], config: () => ({ f() {} })"),
  ],
  [
    'host.js needs the document',
    'host-needs-window',
    /"document"/,
    host("document.title = 'x'; hadokenFrame.serve({ origins: ['ORIGIN'] });"),
  ],
  [
    'its config asks a server that wants a user',
    'host-not-run',
    /signed in/,
    serve("fetch: [{ path: '/v1/*' }], config: () => fetch('/hadoken/none').then((r) => r.json())"),
  ],
  [
    'host.js needs what Node lacks',
    'host-not-run',
    /"indexedDB"/,
    host("indexedDB.open('x'); hadokenFrame.serve({ origins: ['ORIGIN'] });"),
  ],
  ...['cookieStore.get("a")', 'new FileReader()', 'requestAnimationFrame(() => {})'].map(
    (needed) => [
      `host.js needs ${needed}`,
      'host-not-run',
      /which Node does not have/,
      host(`${needed}; hadokenFrame.serve({ origins: ['ORIGIN'] });`),
    ],
  ),
  [
    'host.js allows this page nothing',
    'host-allows-nothing',
    /nothing/,
    serve("fetch: [{ path: '/v1/*', origins: ['https://other.example.com'] }]"),
  ],
  // Socket.IO.
  ['there is no Socket.IO server', 'io-missing', /answered 404/, io(undefined)],
  ['Socket.IO is on another path', 'io-missing', /\/socket\.io\//, io({ path: '/push/' })],
  [
    'Socket.IO is of version 2',
    'io-version',
    /version 2/,
    all(
      io(undefined),
      answer('/socket.io/', {
        headers: {},
        text: '96:0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}2:40',
      }),
    ),
  ],
  ['a proxy takes no WebSockets', 'io-websocket', /Upgrade/, io({ transports: ['polling'] })],
  ['Socket.IO can’t be polled', 'io-polling', /transports/, io({ transports: ['websocket'] })],
  [
    'sessions of polling are not sticky',
    'io-sticky',
    /sticky/,
    (deployment) => {
      deployment.onReady = (server) =>
        server.prependListener('request', (request) => {
          if (request.method === 'POST') request.url = request.url.replace(/sid=[^&]*/, 'sid=gone');
        });
    },
  ],
  [
    'Socket.IO is elsewhere, without CORS',
    'io-cors worker-csp-connect',
    /Access-Control-Allow-Origin/,
    (deployment) => serve(`io: { url: 'http://127.0.0.1:${deployment.origins.port}' }`)(deployment),
  ],
  // The page.
  [
    'the page’s policy keeps the frame out',
    'page-csp-frame',
    /frame-src 'none'/,
    policy('page', /frame-src [^;]*/, "frame-src 'none'"),
  ],
  [
    'the page’s policy blocks the script',
    'page-csp-script',
    /script-src 'self'/,
    policy('page', /script-src [^;]*/, "script-src 'self'"),
  ],
  [
    'the page’s policy has a sandbox',
    'page-csp-sandbox',
    /allow-same-origin/,
    policy('page', 'base-uri', 'sandbox allow-scripts; base-uri'),
  ],
  [
    'the page has COEP and the frame has not',
    'page-coep',
    /require-corp/,
    all(header('page', COEP, 'require-corp'), header('frame.html', COEP)),
  ],
  [
    'the page has COEP and the script no CORP',
    'script-corp',
    /no Cross-Origin-Resource-Policy/,
    all(header('page', COEP, 'require-corp'), header('hadoken.js', CORP)),
  ],
  // What was asked.
  [
    'the URL is no http',
    'url-not-http',
    /ftp:/,
    ask({ frame: 'ftp://push.example.com/frame.html' }),
  ],
  [
    'the origin has a path',
    'origin-invalid',
    /Did you mean https:\/\/app\.example\.com\?/,
    ask({ origin: 'https://app.example.com/shop' }),
  ],
  [
    'the page is of another origin',
    'origin-invalid',
    /page/,
    ask({ page: 'https://app.example.com/shop' }),
  ],
  [
    'nobody listens',
    'unreachable',
    /ECONNREFUSED/,
    ask({ frame: 'http://push.hadoken.localhost:1/frame.html' }),
  ],
  [
    'the name does not resolve',
    'name-not-found plain-http',
    /does not resolve/,
    ask({
      frame: 'http://push.hadoken.localhost.invalid./frame.html',
      origin: 'http://app.hadoken.localhost.invalid.',
    }),
  ],
];

/** What is no fault: the code of the note, what it says, how the deployment is. */
const noted = [
  [
    'what host.js allows',
    'host-allows',
    /may: fetch \/v1\/\* \(GET, POST\); io \/, \/chat of /,
    () => {},
  ],
  [
    'that host.js allows every request',
    'host-fetch-all',
    /Name paths/,
    serve('fetch: true, webSocket: true, services: { clock: { now() {} } }'),
  ],
  ['that the page could not be read', 'page-unknown', /answered 404.*--page/, remove('page')],
  [
    'that one of two headers does nothing',
    'x-frame-options-unused',
    /DENY/,
    header('frame.html', 'X-Frame-Options', 'DENY'),
  ],
  [
    'that any page may embed the frame',
    'frame-ancestors-missing',
    /second fence/,
    policy('frame.html', /frame-ancestors [^;]*/, "form-action 'none'"),
  ],
  [
    'that ALLOW-FROM keeps nobody out',
    'frame-ancestors-missing',
    /second fence/,
    all(
      policy('frame.html', /frame-ancestors [^;]*/, "form-action 'none'"),
      header('frame.html', 'X-Frame-Options', 'ALLOW-FROM https://other.example.com'),
    ),
  ],
  [
    'that a page with COEP could not embed it',
    'frame-coep',
    /require-corp/,
    all(header('frame.html', COEP), header('frame.js', COEP)),
  ],
  [
    'a vault that is not there and not needed',
    'file-unused',
    /frame\.vault\.js/,
    remove('frame.vault.js'),
  ],
  [
    'a file that is not there and not needed',
    'file-unused',
    /frame\.hub\.js/,
    remove('frame.hub.js'),
  ],
  [
    'that hadoken.js is not needed by modules',
    'host-allows',
    /may/,
    all(ask({ isModule: true }), remove('hadoken.js')),
  ],
  [
    'that a page may load the drop-in alone',
    'host-allows',
    /may/,
    policy('page', / \S+\/hadoken\.js/, ''),
  ],
  [
    'a file that was changed on the way',
    'file-changed',
    /hadoken\.js/,
    rewrite('hadoken.js', /$/, '\n'),
  ],
  [
    'a file without a release',
    'version-unknown',
    /frame\.hub\.js/,
    rewrite('frame.hub.js', /^.*\n/, '// hadoken\n'),
  ],
  [
    'a frame of another release than the command',
    'version-other',
    /99\.0\.0/,
    (deployment) => {
      for (const name of deployment.names())
        rewrite(name, `hadoken ${RELEASE}`, 'hadoken 99.0.0')(deployment);
    },
  ],
  [
    'files without nosniff',
    'nosniff-missing',
    /frame\.io\.js/,
    header('frame.io.js', 'X-Content-Type-Options'),
  ],
  [
    'scripts that are kept for a year',
    'cache-scripts-long',
    /hadoken\.js/,
    header('hadoken.js', 'Cache-Control', 'max-age=31536000'),
  ],
  [
    'scripts that are never kept',
    'cache-scripts-none',
    /frame\.js/,
    header('frame.js', 'Cache-Control', 'no-store'),
  ],
  ['a worker without a policy', 'worker-csp-missing', /its own file/, header('frame.js', CSP)],
  [
    'a bundle in place of frame.js',
    'frame-bundled',
    /hadoken\/testing/,
    answer('frame.html', {
      text: '<title>hadoken</title><script type="module" src="./main.js"></script>',
    }),
  ],
  [
    'a packed frame',
    'frame-packed',
    /hadoken\/testing/,
    all(
      answer('frame.html', { text: PACKED }),
      policy(
        'frame.html',
        "script-src 'self'",
        `script-src 'sha256-${createHash('sha256').update(PACKED_SCRIPT).digest('base64')}' 'self'`,
      ),
    ),
  ],
  [
    'one origin',
    'same-origin',
    /development/,
    (deployment) => {
      const { push } = deployment.origins;
      ask({ origin: push, page: `${push}/hadoken/frame.html` })(deployment);
      serve('')(deployment);
      deployment.file('host.js').text = `hadokenFrame.serve({ origins: ['${push}'], fetch: true })`;
      header(
        'frame.html',
        CSP,
        "script-src 'self'; frame-src 'self'; frame-ancestors 'self'",
      )(deployment);
    },
  ],
];

/** What is good in spite of its looks: none of these is a fault. */
const fine = [
  ['nothing but the headers of SECURITY.md', () => {}],
  [
    'frame-ancestors by a wildcard',
    (deployment) =>
      policy(
        'frame.html',
        /frame-ancestors [^;]*/,
        `frame-ancestors http://*.hadoken.localhost:${deployment.origins.port}`,
      )(deployment),
  ],
  [
    'frame-ancestors without a scheme, with any port',
    policy('frame.html', /frame-ancestors [^;]*/, 'frame-ancestors app.hadoken.localhost:*'),
  ],
  [
    'a folder in script-src',
    (deployment) =>
      policy(
        'frame.html',
        "script-src 'self'",
        `script-src ${deployment.origins.push}/hadoken/`,
      )(deployment),
  ],
  [
    'a nonce and strict-dynamic, in the tag too',
    all(
      policy('frame.html', "script-src 'self'", "script-src 'nonce-x' 'strict-dynamic'"),
      rewrite('frame.html', '<script ', '<script nonce="x" '),
    ),
  ],
  ['a nonce on the page', policy('page', /script-src [^;]*/, "script-src 'nonce-y'")],
  [
    'a policy that only reports',
    header('frame.html', 'Content-Security-Policy-Report-Only', "default-src 'none'; sandbox"),
  ],
  [
    'scripts without a type that sniffs',
    all(
      header('hadoken.js', 'Content-Type', 'text/plain'),
      header('hadoken.js', 'X-Content-Type-Options'),
    ),
  ],
  [
    'a module and no script',
    all(
      ask({ isModule: true }),
      remove('hadoken.js'),
      policy('page', /script-src [^;]*/, "script-src 'self'"),
    ),
  ],
  ['the drop-in left out', remove('hadoken.drop-in.js')],
  [
    'host.js with a config that asks the server',
    serve(
      "fetch: [{ path: '/v1/*' }], config: () => fetch('/hadoken/frame.html').then((r) => r.ok)",
    ),
  ],
  [
    'host.js that fails later, which is on the console alone',
    serve(
      "fetch: [{ path: '/v1/*' }] }); void Promise.reject(new Error('later')); setTimeout(() => { throw new Error('later') }); ({",
    ),
  ],
  [
    'host.js that looks where it runs',
    serve(
      "fetch: [{ path: '/v1/*' }], config: { inWindow: typeof document !== 'undefined', at: self.location.pathname }",
    ),
  ],
  [
    'host.js with hooks that fail in Node',
    serve(
      "fetch: [{ path: '/v1/*' }], onRequest() { throw new Error('not here') }, auth() { throw new Error('not here') }",
    ),
  ],
  ['hidden Socket.IO, not allowed', all(io(undefined), serve("fetch: [{ path: '/v1/*' }]"))],
  [
    'Socket.IO by WebSocket alone, on a path',
    all(
      io({ transports: ['websocket'], path: '/push/' }),
      serve("io: { path: '/push', transports: ['websocket'] }"),
    ),
  ],
  [
    'files kept for ever under a release',
    (deployment) => {
      for (const name of deployment.names())
        Object.assign(deployment.file(`1.2.3/${name}`), deployment.file(name));
      header('1.2.3/frame.js', 'Cache-Control', 'max-age=31536000, immutable')(deployment);
      const { push } = deployment.origins;
      ask({ frame: `${push}/hadoken/1.2.3/frame.html` })(deployment);
      for (const directive of ['script-src', 'frame-src'])
        policy('page', directive, `${directive} ${push}/hadoken/1.2.3/`)(deployment);
    },
  ],
];

/** Every code that was found in this file. */
const seen = new Set();

async function check(change) {
  const deployment = await deploy(change);
  try {
    const findings = await checkDeployment(deployment.question);
    for (const { code } of findings) seen.add(code);
    return findings;
  } finally {
    deployment.close();
  }
}

const isFault = ({ severity }) => severity !== 'note';
const codesOf = (findings) => [...new Set(findings.map(({ code }) => code))].sort();

describe('check finds', { concurrency: 6 }, () => {
  for (const [what, expected, says, change] of broken)
    it(what, async () => {
      const findings = await check(change);
      assert.deepEqual(
        codesOf(findings.filter(isFault)),
        expected.split(' ').sort(),
        JSON.stringify(findings, null, 1),
      );
      const [first] = expected.split(' ');
      const { message } = findings.find(({ code }) => code === first);
      assert.match(message, says);
      assert.doesNotMatch(message, /\n/);
    });
});

describe('check notes', { concurrency: 6 }, () => {
  for (const [what, code, says, change] of noted)
    it(what, async () => {
      const findings = await check(change);
      assert.deepEqual(findings.filter(isFault), []);
      const found = findings.filter((finding) => finding.code === code);
      assert.equal(found.length, 1, JSON.stringify(findings, null, 1));
      assert.match(found[0].message, says);
    });
});

describe('check has no false alarm for', { concurrency: 6 }, () => {
  for (const [what, change] of fine)
    it(what, async () => assert.deepEqual((await check(change)).filter(isFault), []));
});

/** Runs the command; resolves with `{ status, stdout, stderr }`. */
function run(args, env = {}) {
  const child = spawn(process.execPath, [join(root, 'bin/hadoken.mjs'), 'check', ...args], {
    env: { ...process.env, ...env },
  });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].on('data', (chunk) => {
      out[name] += chunk;
    });
  return new Promise((resolve) => child.on('close', (status) => resolve({ ...out, status })));
}

/** Asks a server that is no deployment. */
async function askServer(server, question) {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  const findings = await checkDeployment({ timeout: 5_000, ...question(port) });
  server.close();
  server.closeAllConnections();
  for (const { code } of findings) seen.add(code);
  return findings;
}
const notFound = (_request, response) => response.writeHead(404).end();

describe('check of a server', () => {
  it('says that it does not answer in time', async () => {
    const findings = await askServer(
      createServer(() => {}),
      (port) => ({
        frame: `http://push.hadoken.localhost:${port}/frame.html`,
        origin: 'http://app.hadoken.localhost',
        timeout: 200,
      }),
    );
    assert.deepEqual(codesOf(findings), ['no-answer']);
    assert.match(findings[0].message, /within 200 ms/);
  });

  it('says that its certificate is not trusted, and how to trust one of one’s own', async () => {
    const [cert, key] = ['cert', 'key'].map((name) =>
      readFileSync(join(fixtures, `tls/${name}.pem`)),
    );
    const findings = await askServer(createTlsServer({ cert, key }, notFound), (port) => ({
      frame: `https://push.hadoken.localhost:${port}/frame.html`,
      origin: 'https://app.hadoken.localhost',
    }));
    assert.deepEqual(codesOf(findings), ['certificate']);
    assert.match(findings[0].message, /SELF_SIGNED.*NODE_EXTRA_CA_CERTS/);
  });

  it('says that it does not speak TLS', async () => {
    const findings = await askServer(createServer(notFound), (port) => ({
      frame: `https://push.hadoken.localhost:${port}/frame.html`,
      origin: 'https://app.hadoken.localhost',
    }));
    assert.deepEqual(codesOf(findings), ['certificate']);
  });

  it('says that an https page can’t have an http frame, and that http is no protection', async () => {
    // Any address of this computer that is not the loopback's.
    const asked = (origin) =>
      askServer(createServer(notFound), (port) => ({
        frame: `http://0.0.0.0:${port}/frame.html`,
        origin,
      }));
    const byHttps = await asked('https://app.hadoken.localhost');
    assert.deepEqual(codesOf(byHttps), ['cross-site', 'frame-status', 'mixed-content']);
    const byHttp = await asked('http://app.hadoken.localhost');
    assert.deepEqual(codesOf(byHttp), ['cross-site', 'frame-status', 'plain-http']);
  });
});

describe('a page of another site', () => {
  it('is told to have the files sent with `cross-origin`, and one of the same site with `same-site`', async () => {
    const needs = async (site) => {
      const deployment = await deploy(
        all(header('hadoken.js', CORP, 'same-origin'), header('frame.html', CORP), (deployment) => {
          const origin = `http://app.${site}.localhost:${deployment.origins.port}`;
          ask({ origin, page: `${origin}/` })(deployment);
        }),
      );
      const findings = await checkDeployment(deployment.question);
      deployment.close();
      return ['script-corp', 'frame-coep'].map((code) =>
        /Cross-Origin-Resource-Policy: ([a-z-]+)\./.exec(
          findings.find((finding) => finding.code === code)?.message,
        ),
      );
    };
    for (const [, value] of await needs('other')) assert.equal(value, 'cross-origin');
    for (const [, value] of await needs('hadoken')) assert.equal(value, 'same-site');
  });
});

describe('npx hadoken check', () => {
  it('prints one line a finding, the worst first, and ends with 1 where a page would fail', async () => {
    const deployment = await deploy(
      all(header('hadoken.js', CORP, 'same-origin'), header('host.js', CORP)),
    );
    const { frame, origin } = deployment.question;
    const { status, stdout, stderr } = await run([frame, '--origin', origin]);
    deployment.close();
    assert.equal(stderr, '');
    assert.equal(status, 1);
    const lines = stdout.trim().split('\n');
    assert.match(lines[0], /^error {4}script-corp {2}.*→ docs\/troubleshooting\.md#/);
    assert.match(lines[1], /^warning {2}host-corp /);
    assert.match(lines[2], /^note {5}host-allows /);
    assert.equal(lines[3], `1 error, 1 warning, 1 note: a page of ${origin} would fail.`);
    assert.equal(lines.length, 4);
  });

  it('ends with 0 where none would, and gives JSON', async () => {
    const deployment = await deploy();
    const { frame, origin } = deployment.question;
    const { status, stdout } = await run([frame, `--origin=${origin}`, '--json']);
    deployment.close();
    assert.equal(status, 0);
    const { ok, findings } = JSON.parse(stdout);
    assert.equal(ok, true);
    assert.deepEqual(codesOf(findings), ['host-allows']);
  });

  it('prints no control characters that a server sends', async () => {
    const deployment = await deploy(host("throw new Error('a\\n\\u001b[31mb')"));
    const { frame, origin } = deployment.question;
    const { stdout } = await run([frame, '--origin', origin]);
    deployment.close();
    assert.match(stdout, /a \[31mb/);
    assert.ok(!stdout.includes('\u001b'));
  });

  it('ends with 2 for wrong usage, and says how it is used', async () => {
    const frame = 'https://push.example.com/frame.html';
    const origin = ['--origin', 'https://app.example.com'];
    for (const args of [
      [],
      [frame],
      origin,
      [frame, frame, ...origin],
      [frame, ...origin, '--what'],
      [frame, ...origin, '--timeout', 'x'],
    ]) {
      const { status, stdout, stderr } = await run(args);
      assert.equal(status, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /Usage: npx hadoken check https:/);
    }
  });
});

/** As GitHub makes anchors of headings. */
const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

describe('the codes of check', () => {
  after(() => seen.clear());

  it('are all found by a test above', () => {
    assert.deepEqual(
      Object.keys(codes).filter((code) => !seen.has(code)),
      [],
    );
  });

  it('are those of docs/check.md, with their severities', () => {
    const text = readFileSync(join(root, 'docs/check.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (error|warning|note) \| .+ \|$/gm)];
    const documented = Object.fromEntries(rows.map(([, code, severity]) => [code, severity]));
    const coded = Object.fromEntries(
      Object.entries(codes).map(([code, [severity]]) => [code, severity]),
    );
    assert.deepEqual(documented, coded);
  });

  it('lead to a heading that is there', () => {
    for (const [code, [, docs]] of Object.entries(codes)) {
      const [file, anchor] = docs.split('#');
      const headings = [...readFileSync(join(root, file), 'utf8').matchAll(/^#+ (.+)$/gm)];
      assert.ok(
        headings.some(([, heading]) => anchorOf(heading) === anchor),
        `${code}: ${docs}`,
      );
    }
  });
});
