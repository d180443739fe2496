/**
 * `npm run test:mutants`: switches the border's checks off one at a time, in a copy, and shows that the boundary
 * tests notice each. A test suite that a missing check gets past is no proof of the check.
 *
 *   node test/mutants.mjs            all of them
 *   node test/mutants.mjs nonce      those whose name has it
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const clobbering = 'test/boundary/clobbering.test.ts';
const fallen = 'test/boundary/fallen-frame.test.ts';
const hidden = 'test/boundary/hidden-frame.test.ts';
const gate = 'test/boundary/gate.test.ts';
const origin = 'test/boundary/origin.test.ts';
const policy = 'test/boundary/policy.test.ts';
const push = 'test/push/rules.test.ts';
const streams = 'test/streams/rules.test.ts';
const fallenStreams = 'test/boundary/fallen-streams.test.ts';
const wire = 'test/boundary/wire.test.ts';
const rules = 'test/boundary/rules.test.ts';
const ioPath = 'test/boundary/io-path.test.ts';
const unit = (name) => `test/frame/${name}.test.ts`;

/** A step to read a path that is not taken. */
const stepMutant = (name, step) => ({
  name: `reading of a path: ${name}`,
  tests: [unit('path-readings')],
  patches: [['src/frame/path-steps.ts', `  ${step},\n`, `  (path) => (${step} ? path : path),\n`]],
});

/** `from` must be there once: a mutant that no longer bites is an error. `tests`: one of these must fail. */
const mutants = [
  {
    name: 'origin test of the gate and the host',
    tests: [origin],
    patches: [
      ['src/frame/gate.ts', 'if (isAllowedOrigin(origin, origins)) keeper', 'if (origins) keeper'],
      ['src/frame/host.ts', 'if (!isAllowedOrigin(origin, origins)) return', 'if (!origins) return'],
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
    patches: [['src/frame/gate.ts', 'taken || source !== parent', 'taken']],
  },
  {
    name: 'source test of the page',
    tests: [gate],
    patches: [['src/parent/shake-hands.ts', '(event.source && event.source !== contentWindow) || ', '']],
  },
  {
    name: 'origin test of the page',
    tests: [gate],
    patches: [
      ['src/parent/shake-hands.ts', ' || event.origin !== origin', ''],
      ['src/parent/shake-hands.ts', 'postMessage(offer, origin,', "postMessage(offer, '*',"],
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
    patches: [['src/frame/gate.ts', 'taken = true;', '']],
  },
  {
    name: 'the window that is no frame',
    tests: [gate],
    patches: [
      ['src/frame/gate.ts', 'if (!framed) return;', ''],
      ['src/frame/gate.ts', 'taken || source !== parent', 'taken'],
    ],
  },
  {
    name: 'guard before comlink',
    tests: [wire],
    patches: [
      [
        'src/rpc/guard.ts',
        'const call = admitCall(data, checks);',
        'const call = data as WireCall; void checks;',
      ],
    ],
  },
  {
    name: 'list of methods in the guard',
    tests: [wire],
    patches: [['src/rpc/guard.ts', '!checks.get(path[0])?.(args)', '!(checks.get(path[0])?.(args) ?? true)']],
  },
  {
    name: 'own functions of own objects',
    tests: [wire],
    patches: [
      [
        'src/frame/service.ts',
        'Object.hasOwn(services, service) ? services[service]',
        'service ? services[service]',
      ],
      [
        'src/frame/service.ts',
        'Object.hasOwn(methods, method) ? methods[method]',
        'method ? methods[method]',
      ],
    ],
  },
  {
    name: 'rules of fetch',
    tests: [policy],
    patches: [['src/frame/policy.ts', '    judge(judged);\n', '    void judge;\n']],
  },
  {
    name: "frame's own origin",
    tests: [policy],
    patches: [['src/frame/policy.ts', 'url.origin !== origin || ', '']],
  },
  {
    name: 'URL that was judged is the one that is sent',
    tests: [rules],
    patches: [
      [
        'src/frame/policy.ts',
        'const { pathname, href: url } = ownUrl(text, frameOrigin);',
        'const [{ pathname }, url] = [ownUrl(text, frameOrigin), text];',
      ],
    ],
  },
  {
    name: 'readings of a path',
    tests: [rules],
    patches: [
      ['src/frame/path-readings.ts', 'readings.add(step(reading));', 'readings.add(step ? reading : "");'],
    ],
  },
  {
    name: 'every reading of a path has to be allowed',
    tests: [unit('path-readings')],
    patches: [['src/frame/refusal.ts', 'readings.every(rule.allowsPath)', 'readings.some(rule.allowsPath)']],
  },
  stepMutant('two that decode', 'decodePercents'),
  stepMutant('slashes', 'decodeSlashes'),
  stepMutant('other characters', 'decodeOthers'),
  stepMutant('Unicode escapes', 'decodeUnicodeEscapes'),
  stepMutant('look-alikes', 'foldToAscii'),
  stepMutant('what is ignored', 'dropIgnored'),
  stepMutant('parameters', 'dropParameters'),
  stepMutant('a query', 'cutQuery'),
  stepMutant('a fragment', 'cutFragment'),
  stepMutant('empty segments', 'mergeSlashes'),
  {
    name: 'reading of a path: overlong characters',
    tests: [unit('path-readings')],
    patches: [
      ['src/frame/path-steps.ts', '[decodeOverlong, decodeOverlongLoosely, ', '[decodeOverlongLoosely, '],
    ],
  },
  {
    name: 'reading of a path: overlong characters with other tails',
    tests: [unit('path-readings')],
    patches: [['src/frame/path-steps.ts', '[decodeOverlong, decodeOverlongLoosely, ', '[decodeOverlong, ']],
  },
  {
    name: 'control characters beyond ASCII in a path',
    tests: [rules],
    patches: [['src/frame/path-steps.ts', '(text) => ENCODED_CONTROL.test(text)', '() => !ENCODED_CONTROL']],
  },
  {
    name: "names of headers as CGI's variables",
    tests: [rules],
    patches: [
      [
        'src/frame/header-rules.ts',
        "name.toLowerCase().replace(/[^a-z0-9]/g, '-')",
        "name.toLowerCase().replace(/[^\\s\\S]/g, '-')",
      ],
    ],
  },
  {
    name: 'headers that no script may set',
    tests: [rules],
    patches: [
      ['src/frame/policy.ts', 'pairs.find(isForbiddenHeader)', 'pairs.find(() => !isForbiddenHeader)'],
    ],
  },
  {
    name: "headers that servers take for their proxy's, by rules",
    tests: [rules],
    patches: [['src/frame/header-rules.ts', 'if (isProxyHeader(key)) return false;', '']],
  },
  {
    name: "headers that servers take for their proxy's, where all is allowed",
    tests: [rules],
    patches: [['src/frame/policy.ts', 'keys.find(isProxyHeader)', 'keys.find(() => !isProxyHeader)']],
  },
  {
    name: "Socket.IO's path where all is allowed",
    tests: [ioPath],
    patches: [['src/frame/policy.ts', 'if (reached.length || header)', 'if (header)']],
  },
  {
    name: "Socket.IO's path for rules that do not name it",
    tests: [unit('io-path')],
    patches: [
      ['src/frame/refusal.ts', 'ioPaths.every((prefix) => namesIoPath(path, prefix)) && ', 'namesIoPath && '],
    ],
  },
  {
    name: "Socket.IO's path in what hides it",
    tests: [ioPath],
    patches: [['src/frame/io-path.ts', 'texts.some((text) => text.includes(lastName))', 'lastName === "."']],
  },
  {
    name: "path that io gives to Socket.IO's server",
    tests: [ioPath],
    patches: [['src/frame/io-path.ts', 'return [io.path];', 'return [];']],
  },
  {
    name: 'strictest of all rules that are like a path',
    tests: [rules],
    patches: [
      [
        'src/frame/policy.ts',
        'readings.some(rule.allowsPath) || forms.some(rule.isLike)',
        'rule.allowsPath(forms[0])',
      ],
    ],
  },
  {
    name: 'cache where rules differ in credentials',
    tests: [unit('policy')],
    patches: [['src/frame/policy.ts', 'const isPrivate = differ || ', 'const isPrivate = ']],
  },
  {
    name: 'shape of a request',
    tests: [policy],
    patches: [['src/frame/host.ts', ' && isWireRequest(request)', '']],
  },
  {
    name: 'limit of a body',
    tests: [policy],
    patches: [['src/frame/fetch.ts', 'if (size > maxBody)', 'if (size > 2 * maxBody)']],
  },
  {
    name: 'limit of requests',
    tests: [policy],
    patches: [['src/frame/fetch.ts', 'underWay > maxRequests', 'underWay > 2 * maxRequests']],
  },
  {
    name: 'rules of fetch after a redirect',
    tests: [policy],
    patches: [
      [
        'src/frame/fetch.ts',
        '      checkFinal(answered, built.request.method, context.origin, policy);\n',
        '      void checkFinal;\n',
      ],
    ],
  },
  {
    name: 'namespaces of io',
    tests: [push],
    patches: [['src/frame/namespaces.ts', 'rules.checkNamespace(nsp);', '']],
  },
  {
    name: 'events that io lets be emitted',
    tests: [push],
    patches: [['src/frame/namespaces.ts', "if (!rules.allows('emit', nsp, event))", 'if (!rules)']],
  },
  {
    name: 'events that io lets through to the page',
    tests: [push],
    patches: [
      ['src/frame/namespaces.ts', "if (!rules.allows('on', nsp, (data as unknown[])[0])) return;", ''],
    ],
  },
  {
    name: 'server of io',
    tests: [push],
    patches: [
      ['src/frame/io-rules.ts', "if (origin !== '' && origin !== url.origin)", "if (origin === 'x')"],
    ],
  },
  {
    name: "credentials of the frame's over the page's",
    tests: [push],
    patches: [['src/frame/namespaces.ts', '{ ...data, ...added }', '{ ...added, ...data }']],
  },
  {
    name: 'limit of sockets',
    tests: [push],
    patches: [['src/frame/socket-limit.ts', 'taken.size >= max', 'taken.size >= 2 * max']],
  },
  {
    name: 'shape of a push command',
    tests: ['test/frame/push.test.ts'],
    patches: [['src/frame/push.ts', 'if (!isPushCommand(command))', 'if (!command)']],
  },
  {
    name: 'rules of EventSource',
    tests: [streams],
    patches: [['src/frame/event-source.ts', '      check(url);\n', '']],
  },
  {
    name: 'rules of EventSource after a redirect',
    tests: [streams],
    patches: [['src/frame/event-source.ts', 'if (answered.redirected) check(answered.url);', '']],
  },
  {
    name: 'rules of WebSocket',
    tests: [streams],
    patches: [
      [
        'src/frame/web-socket.ts',
        "policy({ url: asked, method: 'GET', headers: [], origin: context.origin });",
        'void [policy, context] || { url: asked };',
      ],
    ],
  },
  {
    name: 'hidden frame that no CSS shows',
    tests: [hidden],
    patches: [['src/parent/frame-element.ts', "'display:none!important'", "'display:none'"]],
  },
  {
    name: 'sandbox of the frame',
    tests: [hidden],
    patches: [['src/parent/frame-element.ts', "frame.setAttribute('sandbox', SANDBOX);", 'void SANDBOX;']],
  },
  {
    name: 'focus that a frame takes',
    tests: [fallen],
    patches: [
      [
        'src/parent/keep-focus.ts',
        "if (fromDocument('activeElement') !== frame) return;",
        'if (frame) return;',
      ],
    ],
  },
  {
    name: 'document past the names in its markup',
    tests: [clobbering],
    patches: [
      ['src/parent/page-document.ts', 'Reflect.get(Document.prototype, name, document)', 'document[name]'],
    ],
  },
  {
    name: 'script element as the current script',
    tests: [clobbering],
    patches: [
      ['src/parent/script.ts', "fromDocument('currentScript')", 'document.currentScript'],
      ['src/parent/script.ts', 'script instanceof HTMLScriptElement &&', '!!script &&'],
    ],
  },
  {
    name: 'own property that has the queue',
    tests: [clobbering],
    patches: [['src/parent/script.ts', "Object.hasOwn(scope, 'hadoken') && ", '']],
  },
  {
    name: 'array that is the queue',
    tests: [clobbering],
    patches: [['src/parent/script.ts', 'Array.isArray(queue) ? queue : []', '(queue || []) as unknown[]']],
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
    patches: [['src/frame/host.ts', ' && !!readStreamTarget(target)', ' && !!target && !!readStreamTarget']],
  },
  {
    name: 'shape of a stream command',
    tests: ['test/frame/web-socket.test.ts'],
    patches: [
      [
        'src/frame/web-socket.ts',
        'const command = readStreamCommand(data);',
        'const command = data as ReturnType<typeof readStreamCommand>;',
      ],
    ],
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

/** A copy of the sources with `patches`, built and tested: `{ killed, why }`. */
async function tryMutant({ patches, tests }) {
  const copy = mkdtempSync(join(tmpdir(), 'hadoken-mutant-'));
  try {
    const skipped = /\/(node_modules|dist|\.git|bench)$/;
    cpSync(root, copy, { recursive: true, filter: (path) => !skipped.test(path.replace(/\/$/, '')) });
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
    const build = await run('node_modules/.bin/rollup', ['-c', '--silent'], copy);
    if (build.status !== 0) throw new Error(`it does not build:\n${build.output}`);
    const { status, output } = await run('node', ['test/run.mjs', '--no-build', ...tests], copy);
    // Only a failed test kills: a run that broke down shows nothing.
    const failures = [...output.matchAll(/^ +✗ (.+)$/gm)].map(([, name]) => name);
    return { killed: status !== 0 && failures.some((name) => name.includes(' › ')), failures, output };
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
