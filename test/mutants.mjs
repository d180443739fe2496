/**
 * `npm run test:mutants`: switches the border's checks off one at a time, in a copy, and shows that the boundary
 * tests notice each. A test suite that a missing check gets past is no proof of the check.
 *
 *   node test/mutants.mjs            all of them
 *   node test/mutants.mjs nonce      those whose name has it
 */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const clobbering = 'test/boundary/clobbering.test.ts';
const fallen = 'test/boundary/fallen-frame.test.ts';
const hidden = 'test/boundary/hidden-frame.test.ts';
const gate = 'test/boundary/gate.test.ts';
const origin = 'test/boundary/origin.test.ts';
const policy = 'test/boundary/policy.test.ts';
const push = 'test/push/rules.test.ts';
const streams = 'test/streams/rules.test.ts';
const fallenMessages = 'test/boundary/fallen-messages.test.ts';
const fallenStreams = 'test/boundary/fallen-streams.test.ts';
const cache = 'test/boundary/cache.test.ts';
const hooks = 'test/boundary/hooks.test.ts';
const limits = 'test/boundary/limits.test.ts';
const redirects = 'test/boundary/redirects.test.ts';
const secretUrls = 'test/boundary/secret-urls.test.ts';
const uploads = 'test/boundary/uploads.test.ts';
const pushHost = 'test/frame/push.test.ts';
const managerOptions = 'test/frame/manager-options.test.ts';
const connecting = 'test/compliance/push/connecting.test.ts';
const sideDoors = 'test/push/side-doors.test.ts';
const wire = 'test/boundary/wire.test.ts';
const rules = 'test/boundary/rules.test.ts';
const ioPath = 'test/boundary/io-path.test.ts';
const hub = 'test/node/hub.test.mjs';
const hubFaults = 'test/node/hub-faults.test.mjs';
const sharedIdentity = 'test/boundary/shared/identity.test.ts';
const sharedConnection = 'test/boundary/shared/connection.test.ts';
const unit = (name) => `test/frame/${name}.test.ts`;

/** A step to read a path that is not taken. */
const stepMutant = (name, step) => ({
  name: `reading of a path: ${name}`,
  tests: [unit('path-readings')],
  patches: [
    ['src/frame/rules/path-steps.ts', `  ${step},\n`, `  (path) => (${step} ? path : path),\n`],
  ],
});

/** `from` must be there once: a mutant that no longer bites is an error. `tests`: one of these must fail. */
const mutants = [
  {
    name: 'that of a packet of msgpack only the members of the protocol go on',
    tests: ['test/compliance/push/msgpack.test.ts'],
    patches: [
      [
        'src/frame/push/parser/msgpack.ts',
        '{ type, nsp, data, ...(id !== undefined && { id }) }',
        'packet',
      ],
      [
        'src/frame/push/parser/msgpack.ts',
        '{ type, nsp, data, id }: DecodedPacket',
        'packet: DecodedPacket',
      ],
    ],
  },
  {
    name: 'that a refresh of before a sign-out is thrown away',
    tests: [unit('vault')],
    patches: [
      ['src/frame/vault/vault.ts', 'if (found.generation > begun) return undefined;', ''],
      ['src/frame/vault/vault.ts', 'const isLate = generation !== begun;', 'const isLate = false;'],
    ],
  },
  {
    name: 'that nothing is refreshed after a sign-out',
    tests: [unit('vault')],
    patches: [
      [
        'src/frame/vault/vault.ts',
        'if (isCleared || signedOutOrigins.has(origin)) return undefined;',
        '',
      ],
      [
        'src/frame/vault/vault.ts',
        'adopt(record);\n    if (isCleared) return { token: undefined };',
        'adopt(record);',
      ],
    ],
  },
  {
    name: 'that a token is renewed before its end',
    tests: [unit('vault')],
    patches: [['src/frame/vault/vault.ts', 'const MARGIN = 30_000;', 'const MARGIN = 0;']],
  },
  {
    name: 'that a short token is not renewed all the time',
    tests: [unit('vault')],
    patches: [['src/frame/vault/vault.ts', 'Math.min(MARGIN, life / 10)', 'MARGIN']],
  },
  {
    name: 'that an event stream outlives a failed read of cookies',
    tests: [unit('cookies')],
    patches: [['src/frame/ajax/round-trip.ts', '      onUnavailable?.(error);', '']],
  },
  {
    name: 'that a token is for the pages of one origin',
    tests: [unit('vault')],
    patches: [
      [
        'src/frame/ajax/round-trip.ts',
        'vault?.tokenFor(origin, trip.since)',
        "vault?.tokenFor('', trip.since)",
      ],
    ],
  },
  {
    name: 'that a request is not sent again as who has signed in meanwhile',
    tests: [unit('vault')],
    patches: [
      [
        'src/frame/vault/vault.ts',
        'return generation === begun ? next : undefined;',
        'return next;',
      ],
    ],
  },
  {
    name: 'that a stream is not sent again',
    tests: [unit('hook-retry')],
    patches: [['src/frame/ajax/round-trip.ts', 'if (isOnce) {', 'if (!isOnce && attempts < 0) {']],
  },
  {
    name: 'the limit of attempts of a hook',
    tests: [unit('hook-retry')],
    patches: [['src/frame/ajax/round-trip.ts', 'attempts >= MAX_ATTEMPTS', 'attempts >= 1_000']],
  },
  {
    name: 'that a page is not trusted as Node’s own caller is',
    tests: [unit('policy')],
    patches: [['src/frame/rules/policy.ts', 'if (isTrusted) return', 'if (!isTrusted) return']],
  },
  {
    name: 'origin test of the gate and the host',
    tests: [origin],
    patches: [
      [
        'src/frame/gate/gate.ts',
        'if (isAllowedOrigin(origin, origins)) guest',
        'if (origins) guest',
      ],
      [
        'src/frame/host.ts',
        'if (!isAllowedOrigin(origin, origins)) return',
        'if (!origins) return',
      ],
    ],
  },
  {
    name: 'origin test by its end instead of its parts',
    tests: [origin],
    patches: [
      [
        'src/rpc/origins.ts',
        'return url.hostname === pattern.host;',
        'return url.hostname.endsWith(pattern.host);',
      ],
    ],
  },
  {
    name: 'port test of an origin',
    tests: [origin],
    patches: [['src/rpc/origins.ts', ' || url.port !== pattern.port', '']],
  },
  {
    name: 'source test of the gate',
    tests: [gate],
    patches: [['src/frame/gate/gate.ts', 'taken || source !== parent', 'taken']],
  },
  {
    name: 'source test of the page',
    tests: [gate],
    patches: [
      [
        'src/parent/connection/shake-hands.ts',
        '(event.source && event.source !== contentWindow) || ',
        '',
      ],
    ],
  },
  {
    name: 'origin test of the page',
    tests: [gate],
    patches: [
      ['src/parent/connection/shake-hands.ts', ' || event.origin !== origin', ''],
      [
        'src/parent/connection/shake-hands.ts',
        'postMessage(offer, origin,',
        "postMessage(offer, '*',",
      ],
    ],
  },
  {
    name: 'nonce test of the gate',
    tests: [gate],
    patches: [['src/rpc/handshake.ts', ' && theirs === nonce', '']],
  },
  {
    name: 'one OFFER a gate',
    tests: [gate],
    patches: [['src/frame/gate/gate.ts', 'taken = true;', '']],
  },
  {
    name: 'the window that is no frame',
    tests: [gate],
    patches: [
      ['src/frame/gate/gate.ts', 'if (!framed) return;', ''],
      ['src/frame/gate/gate.ts', 'taken || source !== parent', 'taken'],
    ],
  },
  {
    name: 'guard before comlink',
    tests: [wire],
    patches: [
      [
        'src/rpc/guard.ts',
        'const call = readCall(data, checks);',
        'const call = data as WireCall; void checks;',
      ],
    ],
  },
  {
    name: 'list of methods in the guard',
    tests: [wire],
    patches: [
      [
        'src/rpc/guard.ts',
        '!checks.get(path[0])?.(args)',
        '!(checks.get(path[0])?.(args) ?? true)',
      ],
    ],
  },
  {
    name: 'origins of services',
    tests: ['test/frame/service-rules.test.ts'],
    patches: [
      [
        'src/frame/services/service.ts',
        'if (pages && !effects.isTrusted && !isAllowedOrigin(origin, pages))',
        'if (pages && !effects.isTrusted && false)',
      ],
    ],
  },
  {
    name: 'origins of services are among those of serve()',
    tests: ['test/frame/service-rules.test.ts'],
    patches: [
      [
        'src/frame/services/service.ts',
        'if (!effects.isTrusted) checkOrigins(options);',
        'if (effects.isTrusted) checkOrigins(options);',
      ],
    ],
  },
  {
    name: 'items that a page may ask for',
    tests: ['test/frame/service-streams.test.ts'],
    patches: [
      [
        'src/frame/services/send-items.ts',
        'Math.min(command.count, sent + MAX_AHEAD)',
        'command.count',
      ],
    ],
  },
  {
    name: 'open streams of services',
    tests: ['test/frame/service-streams.test.ts'],
    patches: [
      ['src/frame/services/send-items.ts', 'release = takeSocket();', 'release = () => {};'],
    ],
  },
  {
    name: 'items that a page keeps',
    tests: ['test/parent/receive-items.test.ts'],
    patches: [
      [
        'src/parent/services/receive-items.ts',
        "if (type === 'item' && received < asked) {",
        "if (type === 'item') {",
      ],
    ],
  },
  {
    name: 'functions among arguments',
    tests: ['test/frame/service-signals.test.ts'],
    patches: [
      ['src/parent/services/call-signals.ts', "if (typeof value === 'function')", 'if (!position)'],
    ],
  },
  {
    name: 'positions of signals',
    tests: ['test/frame/service-signals.test.ts'],
    patches: [
      [
        'src/rpc/wire/service.ts',
        "return typeof member === 'string' && isPlain(args[argument]) && !whole.has(argument);",
        "return typeof member === 'string';",
      ],
    ],
  },
  {
    name: 'a signal is set as a member of its own',
    tests: ['test/frame/service-signals.test.ts'],
    patches: [
      [
        'src/frame/services/call-signals.ts',
        'Object.defineProperty(args[argument], member, {',
        'Object.assign(args[argument], { [member]: value }) && Object.defineProperty({}, member, {',
      ],
    ],
  },
  {
    name: 'pages of a notice',
    tests: ['test/frame/notices.test.ts'],
    patches: [
      [
        'src/frame/notices.ts',
        'if (patterns && (!origins || isAllowedOrigin(origin, patterns))) port.postMessage(message);',
        'port.postMessage(message);',
      ],
    ],
  },
  {
    name: 'notices in a second',
    tests: ['test/frame/notices.test.ts'],
    patches: [['src/frame/notices.ts', 'if (sent.length >= MAX_NOTICES)', 'if (sent.length < 0)']],
  },
  {
    name: 'notices that can be read',
    tests: ['test/frame/notices.test.ts'],
    patches: [['src/rpc/wire/notice.ts', 'if (!isNoticeName(name)) return undefined;', '']],
  },
  {
    name: 'own functions of own objects',
    tests: [wire],
    patches: [
      [
        'src/frame/services/service.ts',
        'Object.hasOwn(services, service) ? services[service]',
        'service ? services[service]',
      ],
      [
        'src/frame/services/service.ts',
        'Object.hasOwn(methods, method) ? methods[method]',
        'method ? methods[method]',
      ],
    ],
  },
  {
    name: 'rules of fetch',
    tests: [policy],
    patches: [['src/frame/rules/policy.ts', '    judge(judged);\n', '    void judge;\n']],
  },
  {
    name: "frame's own origin",
    tests: [policy],
    patches: [
      [
        'src/frame/rules/policy.ts',
        '!url.href.startsWith',
        "url.origin === 'null' && url.href.startsWith",
      ],
    ],
  },
  {
    name: 'URL that was judged is the one that is sent',
    tests: [rules],
    patches: [
      [
        'src/frame/rules/policy.ts',
        'const { pathname, href: url } = ownUrl(text, frameOrigin);',
        'const [{ pathname }, url] = [ownUrl(text, frameOrigin), text];',
      ],
    ],
  },
  {
    name: 'readings of a path',
    tests: [rules],
    patches: [
      [
        'src/frame/rules/path-readings.ts',
        'readings.add(step(reading));',
        'readings.add(step ? reading : "");',
      ],
    ],
  },
  {
    name: 'every reading of a path has to be allowed',
    tests: [unit('path-readings')],
    patches: [
      [
        'src/frame/rules/refusal.ts',
        'readings.every(rule.allowsPath)',
        'readings.some(rule.allowsPath)',
      ],
    ],
  },
  stepMutant('two that decode', 'decodePercents'),
  stepMutant('slashes', 'decodeSlashes'),
  stepMutant('other characters', 'decodeOthers'),
  stepMutant('Unicode escapes', 'decodeUnicodeEscapes'),
  stepMutant('look-alikes', 'foldToAscii'),
  stepMutant('what is ignored', 'dropIgnored'),
  stepMutant('parameters', 'dropParameters'),
  stepMutant('parameters up to the end', 'cutParameters'),
  stepMutant('a query', 'cutQuery'),
  stepMutant('a fragment', 'cutFragment'),
  stepMutant('empty segments', 'mergeSlashes'),
  {
    name: 'reading of a path: overlong characters',
    tests: [unit('path-readings')],
    patches: [
      [
        'src/frame/rules/path-steps.ts',
        '[decodeOverlong, decodeOverlongLoosely, ',
        '[decodeOverlongLoosely, ',
      ],
    ],
  },
  {
    name: 'reading of a path: overlong characters with other tails',
    tests: [unit('path-readings')],
    patches: [
      [
        'src/frame/rules/path-steps.ts',
        '[decodeOverlong, decodeOverlongLoosely, ',
        '[decodeOverlong, ',
      ],
    ],
  },
  {
    name: 'reading of a path: overlong characters with plain tails',
    tests: [unit('path-readings')],
    patches: [['src/frame/rules/path-steps.ts', "'(?:%[0-9a-f]{2}|[^%/])'", "'%[0-9a-f]{2}'"]],
  },
  {
    name: "a session's name as a timestamp's",
    tests: [unit('manager-options')],
    patches: [['src/frame/push/manager-options.ts', "typeof timestampParam !== 'string' || ", '']],
  },
  {
    name: 'control characters beyond ASCII in a path',
    tests: [rules],
    patches: [
      [
        'src/frame/rules/path-steps.ts',
        '(text) => ENCODED_CONTROL.test(text)',
        '() => !ENCODED_CONTROL',
      ],
    ],
  },
  {
    name: "names of headers as CGI's variables",
    tests: [rules],
    patches: [
      [
        'src/frame/rules/header-rules.ts',
        "name.toLowerCase().replace(/[^a-z0-9]/g, '-')",
        "name.toLowerCase().replace(/[^\\s\\S]/g, '-')",
      ],
    ],
  },
  {
    name: 'headers that no script may set',
    tests: [rules],
    patches: [
      [
        'src/frame/rules/policy.ts',
        'pairs.find(isForbiddenHeader)',
        'pairs.find(() => !isForbiddenHeader)',
      ],
    ],
  },
  {
    name: "headers that servers take for their proxy's, by rules",
    tests: [unit('header-rules')],
    patches: [['src/frame/rules/header-rules.ts', 'if (isProxyHeader(key)) return false;', '']],
  },
  {
    name: "headers that servers take for their proxy's, where all is allowed",
    tests: [rules],
    patches: [
      ['src/frame/rules/policy.ts', 'keys.find(isProxyHeader)', 'keys.find(() => !isProxyHeader)'],
    ],
  },
  {
    name: "Socket.IO's path where all is allowed",
    tests: [ioPath],
    patches: [['src/frame/rules/policy.ts', 'if (reached.length || header)', 'if (header)']],
  },
  {
    name: "Socket.IO's path for rules that do not name it",
    tests: [unit('io-path')],
    patches: [
      [
        'src/frame/rules/refusal.ts',
        'ioPaths.every((prefix) => namesIoPath(path, prefix)) && ',
        'namesIoPath && ',
      ],
    ],
  },
  {
    name: "Socket.IO's path in what hides it",
    tests: [ioPath],
    patches: [
      [
        'src/frame/rules/io-path.ts',
        'texts.some((text) => text.includes(lastName))',
        'lastName === "."',
      ],
    ],
  },
  {
    name: "path that io gives to Socket.IO's server",
    tests: [ioPath],
    patches: [['src/frame/rules/io-path.ts', ' ? [io.path] : []', ' ? [] : []']],
  },
  {
    name: "io's url by wss: as the frame's own server",
    tests: [unit('io-path')],
    patches: [['src/frame/rules/io-path.ts', "url.replace(/^ws/i, 'http')", 'url']],
  },
  {
    name: 'strictest of all rules that are like a path',
    tests: [rules],
    patches: [
      [
        'src/frame/rules/policy.ts',
        'readings.some(rule.allowsPath) || forms.some(rule.isLike)',
        'rule.allowsPath(forms[0])',
      ],
    ],
  },
  {
    name: 'cache where rules differ in credentials',
    tests: [unit('policy')],
    patches: [['src/frame/rules/policy.ts', 'const isPrivate = differ || ', 'const isPrivate = ']],
  },
  {
    name: 'shape of a request',
    tests: [policy],
    patches: [['src/frame/ajax/exchanges.ts', 'if (!request)', 'if (!command)']],
  },
  {
    name: 'one request of a number',
    tests: [policy],
    patches: [['src/frame/ajax/exchanges.ts', 'if (exchanges.has(id))', 'if (!command)']],
  },
  {
    name: 'one port for requests',
    tests: [policy],
    patches: [['src/frame/ajax/fetch.ts', 'if (isOpen)', 'if (!policy)']],
  },
  {
    name: 'limit of a body',
    tests: [policy],
    patches: [
      ['src/frame/ajax/fetch.ts', 'if (sizeOf(wire) > limit)', 'if (sizeOf(wire) > 2 * limit)'],
    ],
  },
  {
    name: 'limit of requests',
    tests: [policy],
    patches: [['src/frame/ajax/fetch.ts', 'underWay > maxRequests', 'underWay > 2 * maxRequests']],
  },
  {
    name: 'rules of fetch after a redirect',
    tests: [policy],
    patches: [
      [
        'src/frame/ajax/round-trip.ts',
        'const why = whyWithheld(answered, followed, trip.policy);',
        'const why = trip.policy.length > 9 ? whyWithheld(answered, followed, trip.policy) : undefined;',
      ],
    ],
  },
  {
    name: 'control characters in the name of a namespace',
    tests: ['test/boundary/io-injection.test.ts'],
    patches: [['src/rpc/wire/push-commands.ts', '[^,\\p{Cc}\\p{Cs}]*$/u', '[^,]*$/u']],
  },
  {
    name: 'members that auth names and does not send',
    tests: [unit('auth-undefined')],
    patches: [['src/frame/push/credentials.ts', '{ ...named, ...JSON', '{ ...JSON']],
  },
  {
    name: 'schemes with another URL in them',
    tests: [unit('odd-requests')],
    patches: [
      [
        'src/frame/rules/policy.ts',
        '!url.href.startsWith',
        "url.protocol === 'blob:' || url.origin !== origin && !url.href.endsWith",
      ],
    ],
  },
  {
    name: "keepalive's limit of a stream",
    tests: [unit('odd-requests')],
    patches: [
      ['src/frame/ajax/fetch.ts', 'limitUpload(exchange, limit,', 'limitUpload(exchange, maxBody,'],
    ],
  },
  {
    name: 'what onResponse gives an EventSource',
    tests: [unit('event-source-hook')],
    patches: [
      [
        'src/frame/ajax/round-trip.ts',
        'return checkResponse(value, answered);',
        'return (value || answered) as Response;',
      ],
    ],
  },
  {
    name: 'namespaces of io',
    tests: [push],
    patches: [['src/frame/push/namespaces.ts', 'rules.checkNamespace(nsp);', '']],
  },
  {
    name: 'events that io lets be emitted',
    tests: [push],
    patches: [
      ['src/frame/push/namespaces.ts', "if (!rules.allows('emit', nsp, event))", 'if (!rules)'],
    ],
  },
  {
    name: 'events that io lets through to the page',
    tests: [push],
    patches: [
      ['src/frame/push/namespaces.ts', "if (!rules.allows('on', nsp, data[0])) return;", ''],
    ],
  },
  {
    name: 'what hadoken-cluster may say past the rules of io',
    tests: [pushHost],
    patches: [['src/frame/push/namespaces.ts', '/^\\d{1,15}-\\d{1,15}$/.test(data[1])', 'true']],
  },
  {
    name: 'server of io',
    tests: [push],
    patches: [
      [
        'src/frame/rules/io-rules.ts',
        "if (origin !== '' && origin !== url)",
        "if (origin === 'x')",
      ],
    ],
  },
  {
    name: "credentials of the frame's over the page's",
    tests: [push],
    patches: [['src/frame/push/namespaces.ts', '{ ...data, ...added }', '{ ...added, ...data }']],
  },
  {
    name: 'limit of sockets',
    tests: [push],
    patches: [['src/frame/rules/socket-limit.ts', 'taken.size >= max', 'taken.size >= 2 * max']],
  },
  {
    name: 'shape of a push command',
    tests: ['test/frame/push.test.ts'],
    patches: [
      [
        'src/frame/push/push.ts',
        'const command = readPushCommand(given);',
        'const command = given as PushCommand;',
      ],
    ],
  },
  {
    name: 'rules of EventSource',
    tests: [streams],
    patches: [
      [
        'src/frame/streams/event-source.ts',
        "const allowed = policy({ url, method: 'GET', headers: [], origin: context.origin });",
        'const allowed = { url: new URL(url, effects.origin).href };',
      ],
    ],
  },
  {
    name: 'rules of EventSource after a redirect',
    tests: [streams],
    patches: [
      [
        'src/frame/streams/event-source.ts',
        'policy,\n          headers: [],',
        'policy: () => ({}),\n          headers: [],',
      ],
    ],
  },
  {
    name: 'rules of WebSocket',
    tests: [streams],
    patches: [
      [
        'src/frame/streams/web-socket.ts',
        "policy({ url: asked, method: 'GET', headers: [], origin: context.origin });",
        'void [policy, context] || { url: asked };',
      ],
    ],
  },
  {
    name: 'hidden frame that no CSS shows',
    tests: [hidden],
    patches: [['src/parent/connection/frame-element.ts', "'display:none!important'", "'border:0'"]],
  },
  {
    name: 'the frame in a root that the page can not reach',
    tests: ['test/boundary/guest.test.ts'],
    patches: [['src/parent/connection/frame-element.ts', "mode: 'closed'", "mode: 'open'"]],
  },
  {
    name: 'sandbox of the frame',
    tests: [hidden],
    patches: [
      [
        'src/parent/connection/frame-element.ts',
        "frame.setAttribute('sandbox', SANDBOX);",
        'void SANDBOX;',
      ],
    ],
  },
  {
    name: 'focus that a frame takes',
    tests: [fallen],
    patches: [
      [
        'src/parent/connection/keep-focus.ts',
        "if (fromDocument('activeElement') !== host) return;",
        'if (host) return;',
      ],
    ],
  },
  {
    name: 'document past the names in its markup',
    tests: [clobbering],
    patches: [
      [
        'src/parent/connection/page-document.ts',
        'Reflect.get(Object.getPrototypeOf(document), name, document)',
        'document[name]',
      ],
    ],
  },
  {
    name: 'script element as the current script',
    tests: [clobbering],
    patches: [
      ['src/parent/include/include.ts', "fromDocument('currentScript')", 'document.currentScript'],
      [
        'src/parent/include/include.ts',
        'isKnown = script instanceof HTMLScriptElement',
        'isKnown = !!script',
      ],
    ],
  },
  {
    name: 'own property that has the queue',
    tests: [clobbering],
    patches: [
      ['src/parent/include/include.ts', 'readQueue(found?.value)', 'readQueue(scope[name])'],
    ],
  },
  {
    name: 'array that is the queue',
    tests: [clobbering],
    patches: [
      [
        'src/parent/include/include.ts',
        'Array.isArray(queue) ? queue',
        'queue ? Array.from(queue as never[])',
      ],
    ],
  },
  {
    name: 'types of what a frame says of a stream',
    tests: [fallenStreams],
    patches: [['src/rpc/wire/stream.ts', 'if (!isNews) return undefined;', 'void isNews;']],
  },
  {
    name: 'order of the states of a WebSocket',
    tests: [fallenStreams],
    patches: [
      [
        'src/parent/streams/web-socket.ts',
        "event.kind === 'MessageEvent' && readyState === OPEN",
        "event.kind === 'MessageEvent'",
      ],
    ],
  },
  {
    name: 'one opening of a WebSocket',
    tests: [fallenStreams],
    patches: [
      [
        'src/parent/streams/web-socket.ts',
        "event.kind === 'Event' && readyState === CONNECTING",
        "event.kind === 'Event' && readyState < CLOSING",
      ],
    ],
  },
  {
    name: 'least of bufferedAmount',
    tests: [fallenStreams],
    patches: [
      [
        'src/parent/streams/web-socket.ts',
        'Math.max(0, this.#bufferedAmount - sent)',
        'this.#bufferedAmount - sent',
      ],
    ],
  },
  {
    name: 'shape of a stream target',
    tests: [streams],
    patches: [
      ['src/frame/host.ts', ' && !!readStreamTarget(target)', ' && !!target && !!readStreamTarget'],
    ],
  },
  {
    name: 'shape of a stream command',
    tests: ['test/frame/web-socket.test.ts'],
    patches: [
      [
        'src/frame/streams/web-socket.ts',
        'const command = readStreamCommand(data);',
        'const command = data as ReturnType<typeof readStreamCommand>;',
      ],
    ],
  },
  {
    name: 'what the HTTP cache stores over by a header',
    tests: [cache],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        "isShared && cache === 'default' && keys",
        "!isShared && cache === 'default' && keys",
      ],
    ],
  },
  {
    name: 'mode same-origin of what is sent',
    tests: [redirects],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        "    mode: 'same-origin',\n    credentials: decided",
        "    mode: 'cors',\n    credentials: decided",
      ],
    ],
  },
  {
    name: "refusal of cache modes that read other pages' answers",
    tests: [cache],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        '    if (isShared)\n      throw',
        "    if (isShared && what === '')\n      throw",
      ],
    ],
  },
  {
    name: 'no-store in place of cache modes that write for other pages',
    tests: [cache],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        'isShared && WRITING.includes(asked)',
        "asked === 'default' && WRITING.includes(asked)",
      ],
    ],
  },
  {
    name: 'cache: private of a rule',
    tests: [cache],
    patches: [['src/frame/ajax/request-init.ts', "  if (isPrivate) return 'no-store';\n", '']],
  },
  {
    name: 'cache mode that was decided, after a hook',
    tests: [cache],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        'cache: cacheAfterHook(decided.cache, returned.cache, isShared)',
        'cache: isShared && cacheAfterHook.length > 9 ? decided.cache : returned.cache',
      ],
    ],
  },
  {
    name: 'credentials that were decided, after a hook',
    tests: [hooks],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        "decided.credentials === 'omit' ? 'omit' : returned",
        'returned',
      ],
    ],
  },
  {
    name: 'redirect: error of a rule',
    tests: [redirects],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        "asked.redirect && asked.redirect !== 'follow' ? asked.redirect : redirect",
        'asked.redirect ?? redirect',
      ],
    ],
  },
  {
    name: 'redirect mode that was decided, after a hook',
    tests: [redirects],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        "decided.redirect === 'follow' ? returned.redirect : decided.redirect",
        'returned.redirect',
      ],
    ],
  },
  {
    name: "referrer of the page's, after a hook",
    tests: [hooks],
    patches: [
      [
        'src/frame/ajax/request-init.ts',
        'returned.referrer === DEFAULT_REFERRER ?',
        'returned.referrer === DEFAULT_REFERRER.slice(1) ?',
      ],
    ],
  },
  {
    name: "referrer policy of the page's, after a hook",
    tests: [hooks],
    patches: [['src/frame/ajax/request-init.ts', 'returned.referrerPolicy || decided', 'returned']],
  },
  {
    name: "headers of the page's in the judgement of a final URL",
    tests: [redirects],
    patches: [
      [
        'src/frame/ajax/redirects.ts',
        'return policy({ url, method, headers, origin });',
        'return policy({ url, method, headers: headers.slice(9), origin });',
      ],
    ],
  },
  {
    name: 'credentials and cache that the rule of a final URL asks for',
    tests: [redirects],
    patches: [['src/frame/ajax/redirects.ts', 'if (lacking === undefined)', "if (lacking !== '')"]],
  },
  {
    name: 'one text for all redirects outside the rules',
    tests: [redirects],
    patches: [
      [
        'src/frame/ajax/round-trip.ts',
        'throw withheld(what, sent.integrity);',
        "throw sent.integrity ? withheld(what, sent.integrity) : new HadokenError('POLICY_REFUSED', why);",
      ],
    ],
  },
  {
    name: 'one error for all redirects outside the rules under integrity',
    tests: [redirects],
    patches: [['src/frame/ajax/redirects.ts', "if (integrity !== '')", "if (integrity === ' ')"]],
  },
  {
    name: 'timing: of the real answer, where onResponse gave another',
    tests: [unit('request-timing')],
    patches: [['src/frame/ajax/fetch.ts', 'if (isHooks) timer?.conceal();', '']],
  },
  {
    name: 'timing: a request of a hook’s, taken for the page’s',
    tests: [unit('request-timing')],
    patches: [
      [
        'src/frame/timing/resource-timing.ts',
        'responseStart <= until + SLACK',
        'responseStart <= Infinity',
      ],
      ['src/frame/timing/resource-timing.ts', ' && startTime <= until)', ')'],
    ],
  },
  {
    name: 'URL that the page asked for',
    tests: [secretUrls],
    patches: [
      [
        'src/frame/ajax/redirects.ts',
        'if (sent.url === asked.url)',
        "if (asked.url !== '' || sent.url === '')",
      ],
    ],
  },
  {
    name: 'origin and path only, where redirects have led',
    tests: [secretUrls],
    patches: [
      [
        'src/frame/ajax/redirects.ts',
        'return origin + pathname;',
        'return origin + pathname && answered.url;',
      ],
    ],
  },
  {
    name: 'names in the size of a form',
    tests: [limits],
    patches: [
      [
        'src/frame/ajax/uploads/request-body.ts',
        'const nameSize = byteLengthOf(',
        'const nameSize = 0 * byteLengthOf(',
      ],
    ],
  },
  {
    name: 'entries in the size of a form',
    tests: [limits],
    patches: [
      ['src/frame/ajax/uploads/request-body.ts', 'body.length * ENTRY', 'body.length * ENTRY * 0'],
    ],
  },
  {
    name: "least retry of a page's",
    tests: [limits],
    patches: [
      [
        'src/frame/streams/event-source.ts',
        'Math.max(retry, RETRY_MIN)',
        'Math.max(retry, RETRY_MIN * 0)',
      ],
    ],
  },
  {
    name: 'fetch for uploads that a hook has changed',
    tests: [uploads],
    patches: [['src/frame/ajax/send.ts', "(change === 'none' || ", '(change || ']],
  },
  {
    name: 'sources of a Content-Security-Policy',
    tests: [uploads],
    patches: [['src/frame/ajax/uploads/csp.ts', 'sources?.every(', 'sources?.some(']],
  },
  {
    name: "origin of a hook's Request",
    tests: ['test/frame/fetch.test.ts'],
    patches: [['src/frame/ajax/prepare.ts', 'if (to !== origin)', 'if (!to)']],
  },
  {
    name: 'one text for all failures',
    tests: ['test/frame/fetch.test.ts'],
    patches: [
      ['src/frame/ajax/send.ts', 'if (sending.sent.signal.aborted) throw error;', 'throw error;'],
    ],
  },
  {
    name: 'types of the fields of an error',
    tests: ['test/rpc/errors.test.ts', 'test/rpc/calls.test.ts'],
    patches: [['src/rpc/read-fields.ts', 'wanted.includes(typeof field)', '!!wanted']],
  },
  {
    name: 'names of the fields of an error',
    tests: ['test/rpc/errors.test.ts'],
    patches: [
      [
        'src/rpc/errors.ts',
        'Object.getOwnPropertyDescriptors(isNative ? own : { ...own, name })',
        'Object.getOwnPropertyDescriptors({ ...(wire as object), ...own, name })',
      ],
    ],
  },
  {
    name: 'errors rebuilt without an assignment',
    tests: ['test/rpc/errors.test.ts'],
    patches: [
      ['src/rpc/errors.ts', "  override name = 'HadokenError';\n", ''],
      [
        'src/rpc/errors.ts',
        '    this.code = code;',
        "    this.code = code;\n    this.name = 'HadokenError';",
      ],
    ],
  },
  {
    name: 'a call that settles whatever is thrown while its answer is rebuilt',
    tests: ['test/rpc/calls.test.ts'],
    patches: [['src/rpc/errors.ts', 'return cause as Error;', 'throw cause;']],
  },
  {
    name: 'data of an error that does not clone',
    tests: ['test/rpc/errors.test.ts'],
    patches: [
      [
        'src/rpc/errors.ts',
        'attempt(() => structuredClone(fields.data))',
        'attempt(() => fields.data)',
      ],
    ],
  },
  {
    name: "list of an engine's events",
    tests: [pushHost, sideDoors],
    patches: [
      [
        'src/frame/push/manager.ts',
        'watched.has(name) || !ENGINE_EVENTS.has(name)',
        'watched.has(name)',
      ],
    ],
  },
  {
    name: 'texts of what ends a connection',
    tests: [sideDoors],
    patches: [
      [
        'src/rpc/wire/push-argument.ts',
        '    context: contextOf(context),',
        '    context: isObject(context) && { ...contextOf(context), text: String(context.reason) + context.responseText },',
      ],
    ],
  },
  {
    name: "name for an engine's id",
    tests: [sideDoors],
    patches: [
      ['src/frame/push/manager.ts', 'engine.id ? engineName : undefined', 'engine.id ?? undefined'],
    ],
  },
  {
    name: "name for a recoverable session's pid",
    tests: [sideDoors],
    patches: [['src/frame/push/namespaces.ts', '{ pid: session.name }', '{ pid: session.pid }']],
  },
  {
    name: 'scope of the name of a session',
    tests: ['test/frame/recovery.test.ts'],
    patches: [
      [
        'src/frame/push/recovery.ts',
        'JSON.stringify([scope, nsp, name])',
        'JSON.stringify([name])',
      ],
    ],
  },
  {
    name: 'acknowledgements that a page waits for',
    tests: [pushHost],
    patches: [['src/frame/push/namespaces.ts', 'if (place.awaited.delete(id)) toPage', 'toPage']],
  },
  {
    name: "protocol's own words in a page's query",
    tests: [pushHost],
    patches: [
      ['src/frame/push/manager-options.ts', '.filter(([name]) => !PROTOCOL.includes(name))', ''],
    ],
  },
  {
    name: 'one push port a session',
    tests: [pushHost, 'test/boundary/push-port.test.ts'],
    patches: [['src/frame/push/push.ts', '      hasPort = true;\n', '']],
  },
  {
    name: 'text that the decoder has parsed',
    tests: [pushHost],
    patches: [
      ['src/frame/push/parser/packet-decoder.ts', 'this.#text = json;', ''],
      [
        'src/frame/push/parser/packet-decoder.ts',
        '    this.#text = undefined;',
        "    this.#text = typeof received === 'string' ? received.replace(/^\\d(?:\\/[^,]*,)?\\d*/, '') : undefined;",
      ],
    ],
  },
  {
    name: 'ids that are no numbers in JSON',
    tests: [pushHost],
    patches: [['src/frame/push/manager.ts', ' && hasPlainId(packet)', '']],
  },
  {
    name: 'event that does not clone, dropped alone',
    tests: ['test/frame/outbox.test.ts'],
    patches: [
      ['src/frame/push/outbox.ts', 'if (entries.length > 1) for', 'if (entries.length > 999) for'],
    ],
  },
  {
    name: 'what auth of host.js fails with, kept from the page',
    tests: [pushHost],
    patches: [
      ['src/frame/push/credentials.ts', 'if (isHadokenError(error)) throw error;', 'throw error;'],
    ],
  },
  {
    name: 'message of a fallen frame that can not be read',
    tests: [fallenMessages],
    patches: [['src/parent/push/link.ts', 'if (!isList(events)) port1.postMessage([]);', '']],
  },
  {
    name: "what a frame's message on a request says it is",
    tests: [fallenMessages],
    patches: [['src/parent/ajax/exchange.ts', "      case 'end':", '      default:']],
  },
  {
    name: "types of a response's members",
    tests: [fallenMessages],
    patches: [['src/rpc/wire/fetch.ts', "redirected: 'boolean'", "redirected: 'boolean string'"]],
  },
  {
    name: 'names of the members of rules',
    tests: [unit('check-options')],
    patches: [['src/frame/rules/check-options.ts', '!Object.hasOwn(kinds, name)', '!kinds']],
  },
  {
    name: "what a hook's own body fails with, kept from the page",
    tests: [unit('hook-secrets')],
    patches: [['src/frame/ajax/fetch.ts', 'isHooks ? toFailure', '!shown ? toFailure']],
  },
  {
    name: "reason of a hook's own signal, kept from the page",
    tests: [unit('hook-secrets')],
    patches: [['src/frame/ajax/prepare.ts', 'withoutReason(returned.signal)', 'returned.signal']],
  },
  {
    name: "page's other spellings of a header that a hook sets",
    tests: [unit('hook-secrets')],
    patches: [['src/frame/ajax/prepare.ts', 'dropOtherSpellings(sent.headers, hooks);', '']],
  },
  {
    name: 'header that a hook sets to what the page has guessed',
    tests: [unit('hook-secrets')],
    patches: [['src/frame/ajax/hook-headers.ts', 'names.add(String(args[0]).toLowerCase());', '']],
  },
  {
    name: "names of a Manager's events",
    tests: [fallenMessages],
    patches: [['src/rpc/wire/push-event.ts', 'MANAGER_EVENTS.test(name)', '!!MANAGER_EVENTS']],
  },
  {
    name: "fields of a connection's state",
    tests: [fallenMessages],
    patches: [
      [
        'src/rpc/wire/push-event.ts',
        '...(state && readFields(given, STATES))',
        'state: (given as PushEvent).state, engine: (given as PushEvent).engine, ...(state && STATES && {})',
      ],
    ],
  },
  {
    name: 'reserved names of events',
    tests: [fallenMessages],
    patches: [['src/rpc/wire/push-event.ts', ' && !RESERVED.test(String(data[0]))', '']],
  },
  {
    name: 'codes of a REFUSE',
    tests: [fallenMessages],
    patches: [
      [
        'src/parent/connection/session.ts',
        "/^(FRAME|CLOSED)/.test(code) ? 'HOST_FAILED' : code",
        'code',
      ],
    ],
  },
  {
    name: 'the hub: the place that a cluster gives, which no listener hears',
    tests: ['test/boundary/shared/connection.test.ts'],
    patches: [['src/hub/seats/telling.ts', 'if (isOffset(packet) || ', 'if (']],
  },
  {
    name: 'the hub: what a page may hear',
    tests: [hub],
    patches: [
      [
        'src/hub/seats/telling.ts',
        "if (isOffset(packet) || !rules.allows('on', nsp, data[0])) return passBy(place, offset);",
        '',
      ],
    ],
  },
  {
    name: 'the hub: what a page may emit',
    tests: [hub],
    patches: [
      [
        'src/hub/seats/seat.ts',
        "if (!rules.allows('emit', nsp, data[0])) return refuse(wire, data[0]);",
        '',
      ],
    ],
  },
  {
    name: "the hub: who a page is by host.js' auth",
    tests: [hub],
    patches: [
      ['src/hub/lanes/lane.ts', '!isAlive || (host !== undefined && host !== by)', '!isAlive'],
      ['src/hub/seats/seat.ts', 'place.seal === known.seal', 'true'],
    ],
  },
  {
    name: 'the hub: who a page is by its own auth',
    tests: [sharedConnection],
    patches: [
      ['src/hub/lanes/lane.ts', 'return (known?.page ?? page) === page;', 'return known !== page;'],
    ],
  },
  {
    name: 'the hub: sessions are of who had them',
    tests: [hub],
    patches: [['src/hub/seats/place.ts', 'JSON.stringify([nsp, seal])', 'JSON.stringify([nsp])']],
  },
  {
    name: 'the hub: how much waits for a tab that hangs',
    tests: [hub],
    patches: [['src/frame/push/outbox.ts', 'bytes > limit.bytes', 'bytes > Infinity']],
  },
  {
    name: 'the drop-in: which origins are taken',
    tests: ['test/drop-in/take-over.test.ts'],
    patches: [['src/drop-in/urls.ts', "isOurs(url) && rule(url, '')", "rule(url, '')"]],
  },
  {
    name: 'the hub: answers of who was not asked',
    tests: [hub],
    patches: [['src/hub/seats/seat.ts', 'if (!place.asked.delete(id as number)) return;', '']],
  },
  {
    name: 'the hub: what was emitted as a former user',
    tests: [hub],
    patches: [['src/hub/seats/seat.ts', 'if (!isSame) place.late.length = 0;', '']],
  },
  {
    name: 'the hub: offsets are sealed',
    tests: [hub],
    patches: [['src/hub/seats/telling.ts', 'await offsets.seal(passed, keyOf(place))', 'passed']],
  },
  {
    name: 'the hub: what a server recovers is for who missed it',
    tests: [hub],
    patches: [
      [
        'src/hub/lanes/lane.ts',
        'const isRecovered = space.onConnect',
        'const isRecovered = !space.onConnect',
      ],
    ],
  },
  {
    name: 'the hub: what is ended for all is not resumed',
    tests: [hubFaults],
    patches: [['src/hub/hub.ts', 'await generation.renew();', '']],
  },
  {
    name: 'the hub: what comes too late is bounded',
    tests: [hubFaults],
    patches: [['src/hub/seats/seat.ts', 'size > MAX_BYTES', 'false']],
  },
  {
    name: 'the hub: connections that nobody uses are few',
    tests: [hubFaults],
    patches: [['src/hub/lanes/lanes.ts', 'lingering.length > MAX_LINGERING', 'false']],
  },
  {
    name: 'the hub: what host.js says of a page is not the page’s word',
    tests: [hubFaults],
    patches: [['src/hub/seats/identify.ts', '{ ...own, ...said }', 'own']],
  },
  {
    name: 'the hub: offsets that are guessed',
    tests: [hubFaults],
    patches: [['src/hub/lanes/ring.ts', 'if (named && !mayName(named)) return undefined;', '']],
  },
  {
    name: 'the hub: nothing is posted to who sleeps',
    tests: [hubFaults],
    patches: [['src/frame/push/push.ts', "hold(word === 'freeze')", 'hold(false)']],
  },
  {
    name: 'the hub: a namespace rests before it is joined again',
    tests: [hubFaults],
    patches: [['src/hub/lanes/lane.ts', '&& !resting.has(place.nsp)', '']],
  },
  {
    name: 'the hub: what comes before connect is told before it',
    tests: [hubFaults],
    patches: [
      [
        'src/hub/seats/telling.ts',
        'if (!missed && early) for (const packet of early)',
        'if (!early) for (const packet of space.early)',
      ],
    ],
  },
  {
    name: 'the hub: an auth that fails is asked again',
    tests: [hubFaults],
    patches: [['src/hub/seats/seat.ts', 'if (place && retry(place, askAgain, error)) return;', '']],
  },
  {
    name: 'the hub: a connection that nobody uses does not try again',
    tests: [hubFaults],
    patches: [
      ['src/hub/lanes/lane.ts', 'if (!seats.size) Object.assign', 'if (false) Object.assign'],
    ],
  },
  {
    name: 'the hub: the end of all is told to other hubs',
    tests: [sharedIdentity],
    patches: [['src/hub/hub.ts', 'endings?.postMessage(name);', '']],
  },
  {
    name: 'a page without a hub connects anew at the end of all',
    tests: [sharedIdentity],
    patches: [['src/frame/push/manager.ts', "life.addEventListener('anew', beginAnew);", '']],
  },
  {
    name: 'a page without a hub resumes nothing after the end of all',
    tests: [sharedIdentity],
    patches: [['src/frame/push/manager.ts', 'namespaces.forget();', '']],
  },
  {
    name: 'the hub: what was sent to who was there before is for nobody',
    tests: [hubFaults],
    patches: [
      [
        'src/hub/lanes/lane.ts',
        "if (!space || space.state === 'none') return;",
        'if (!space) return;',
      ],
      ['src/hub/lanes/lane.ts', 'spaces.get(nsp) ?? resting.get(nsp)', 'spaces.get(nsp)'],
    ],
  },
  {
    name: 'auth is asked again no sooner than after a second',
    tests: [pushHost],
    patches: [
      [
        'src/frame/push/credentials.ts',
        'reconnectionDelayMax), RETRY_MIN)',
        'reconnectionDelayMax), 0)',
      ],
    ],
  },
  {
    name: 'what a page has left before it was let in is left at the server',
    tests: [pushHost],
    patches: [
      [
        'src/frame/push/namespaces.ts',
        "if (typeof Object(data).sid === 'string')",
        "if (typeof Object(data).sid === 'never')",
      ],
    ],
  },
  {
    name: 'an error that host.js has made for the page is not tried again',
    tests: [pushHost],
    patches: [
      [
        'src/frame/push/credentials.ts',
        'if (!isAuthFailure(error) || !reconnection',
        'if (!reconnection',
      ],
    ],
  },
  {
    name: 'an auth of host.js that gives no object is a mistake',
    tests: [pushHost],
    patches: [
      [
        'src/frame/vault/socket-auth.ts',
        "typeof answer !== 'object' || Array.isArray(answer)",
        'false',
      ],
    ],
  },
  {
    name: 'times of a Manager that no timer takes',
    tests: [managerOptions],
    patches: [['src/frame/push/manager-options.ts', 'Math.min(value, LONGEST)', 'value']],
  },
  {
    name: 'a query of the uri before that of the options',
    tests: [connecting],
    patches: [['src/frame/push/manager.ts', 'query ?? options.query', 'options.query ?? query']],
  },
];

function run(command, args, cwd) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ENGINES: process.env.ENGINES ?? 'chromium' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, output })));
}

/** What rollup.config.mjs makes for tests, without types and licences: for all of it rollup takes most of a minute. */
const BUNDLES = [
  ['parent/script.ts', 'hadoken.js', 'iife'],
  ['parent/index.ts', 'hadoken.mjs', 'esm'],
  ['frame/script.ts', 'frame.js', 'iife'],
  ['frame/index.ts', 'frame.mjs', 'esm'],
  ['frame/push/chunk.ts', 'frame.io.js', 'esm'],
  ['frame/push/parser/msgpack.ts', 'frame.msgpack.js', 'esm'],
  ['hub/hub.ts', 'frame.hub.js', 'esm'],
  ['frame/vault/chunk.ts', 'frame.vault.js', 'esm'],
  ['../node_modules/urlpattern-polyfill/index.js', 'frame.urlpattern.js', 'esm'],
];

/** Keeps out of a bundle what is loaded when it is needed. */
const chunks = {
  name: 'chunks',
  setup({ onResolve }) {
    const chunk = (path) => (args) =>
      args.kind === 'dynamic-import' ? { path, external: true } : undefined;
    onResolve({ filter: /\/push\/chunk\.ts$/ }, chunk('./frame.io.js'));
    onResolve({ filter: /\/parser\/msgpack\.ts$/ }, chunk('./frame.msgpack.js'));
    onResolve({ filter: /\/hub\/hub\.ts$/ }, chunk('./frame.hub.js'));
    onResolve({ filter: /\/vault\/chunk\.ts$/ }, chunk('./frame.vault.js'));
    onResolve({ filter: /^urlpattern-polyfill$/ }, chunk('./frame.urlpattern.js'));
  },
};

async function bundle(copy) {
  for (const [input, file, format] of BUNDLES)
    await build({
      absWorkingDir: copy,
      entryPoints: [`src/${input}`],
      outfile: `dist/${file}`,
      bundle: true,
      format,
      plugins: [chunks],
      logLevel: 'silent',
    });
  copyFileSync(join(copy, 'src/frame/frame.html'), join(copy, 'dist/frame.html'));
}

/** A copy of the sources with `patches`, built and tested: `{ killed, why }`. */
async function tryMutant({ patches, tests }) {
  const copy = mkdtempSync(join(tmpdir(), 'hadoken-mutant-'));
  try {
    const skipped = /\/(node_modules|dist|\.git|bench)$/;
    cpSync(root, copy, {
      recursive: true,
      filter: (path) => !skipped.test(path.replace(/\/$/, '')),
    });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const [file, from, to] of patches) {
      const text = readFileSync(join(copy, file), 'utf8');
      if (text.split(from).length !== 2)
        throw new Error(`${file} has no single "${from}": bring the mutant up to date`);
      writeFileSync(
        join(copy, file),
        text.replace(from, () => to),
      );
    }
    await bundle(copy);
    const { status, output } = await run('node', ['test/run.mjs', '--no-build', ...tests], copy);
    // Only a failed test kills: a run that broke down shows nothing.
    const failures = [...output.matchAll(/^ *[✗✖] (.+)$/gm)].map(([, name]) => name);
    return {
      killed: status !== 0 && failures.some((name) => name.includes(' › ')),
      failures,
      output,
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const wanted = process.argv[2] ?? '';
let survivors = 0;
for (const mutant of mutants.filter(({ name }) => name.includes(wanted))) {
  const { killed, failures, output } = await tryMutant(mutant);
  if (!killed) survivors += 1;
  console.log(
    `${killed ? '✓ noticed ' : '✗ SURVIVED'}  switched off: ${mutant.name} (${failures.length} failed)`,
  );
  if (killed) console.log(`             ${failures[0]}`);
  else console.log(output.slice(-1_500));
}
console.log(survivors ? `${survivors} mutants survived` : 'every mutant was noticed');
process.exitCode = survivors ? 1 : 0;
