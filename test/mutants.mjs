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
const gate = 'test/boundary/gate.test.ts';
const origin = 'test/boundary/origin.test.ts';
const policy = 'test/boundary/policy.test.ts';
const push = 'test/push/rules.test.ts';
const pushHost = 'test/frame/push.test.ts';
const fallen = 'test/boundary/fallen-frame.test.ts';
const sideDoors = 'test/push/side-doors.test.ts';
const streams = 'test/streams/rules.test.ts';
const wire = 'test/boundary/wire.test.ts';

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
    name: 'types of the fields of an error',
    tests: ['test/rpc/errors.test.ts', 'test/rpc/calls.test.ts'],
    patches: [['src/rpc/read-fields.ts', 'else if (wanted.includes(typeof field))', 'else if (wanted)']],
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
    patches: [['src/rpc/calls.ts', 'call.reject(cause);', 'throw cause;']],
  },
  {
    name: 'data of an error that does not clone',
    tests: ['test/rpc/errors.test.ts'],
    patches: [
      ['src/rpc/errors.ts', 'attempt(() => structuredClone(fields.data))', 'attempt(() => fields.data)'],
    ],
  },
  {
    name: 'rules of fetch',
    tests: [policy],
    patches: [['src/frame/policy.ts', 'if (rules === true) return {};', 'return {};']],
  },
  {
    name: "frame's own origin",
    tests: [policy],
    patches: [['src/frame/policy.ts', 'url.origin !== origin || ', '']],
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
    patches: [['src/frame/namespaces.ts', "if (!rules.allows('on', nsp, data[0])) return;", '']],
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
    name: "list of an engine's events",
    tests: [pushHost, sideDoors],
    patches: [['src/frame/manager.ts', 'watched.has(name) || !ENGINE_EVENTS.has(name)', 'watched.has(name)']],
  },
  {
    name: 'texts of what ends a connection',
    tests: [sideDoors],
    patches: [
      [
        'src/rpc/push-argument.ts',
        '    context: contextOf(context),',
        '    context: isObject(context) && { ...contextOf(context), text: String(context.reason) + context.responseText },',
      ],
    ],
  },
  {
    name: "name for an engine's id",
    tests: [sideDoors],
    patches: [['src/frame/manager.ts', 'engine.id ? engineName : undefined', 'engine.id ?? undefined']],
  },
  {
    name: "name for a recoverable session's pid",
    tests: [sideDoors],
    patches: [['src/frame/namespaces.ts', '{ pid: session.name }', '{ pid: session.pid }']],
  },
  {
    name: 'scope of the name of a session',
    tests: ['test/frame/recovery.test.ts'],
    patches: [['src/frame/recovery.ts', 'JSON.stringify([scope, nsp, name])', 'JSON.stringify([name])']],
  },
  {
    name: 'acknowledgements that a page waits for',
    tests: [pushHost],
    patches: [['src/frame/namespaces.ts', 'if (place.awaited.delete(id)) toPage', 'toPage']],
  },
  {
    name: "protocol's own words in a page's query",
    tests: [pushHost],
    patches: [['src/frame/manager-options.ts', '.filter(([name]) => !PROTOCOL.includes(name))', '']],
  },
  {
    name: 'one push port a session',
    tests: [pushHost, 'test/boundary/push-port.test.ts'],
    patches: [['src/frame/push.ts', '      hasPort = true;\n', '']],
  },
  {
    name: 'text that the decoder has parsed',
    tests: [pushHost],
    patches: [
      ['src/frame/packet-decoder.ts', 'this.#text = json;', ''],
      [
        'src/frame/packet-decoder.ts',
        '    this.#text = undefined;',
        "    this.#text = typeof received === 'string' ? received.replace(/^\\d(?:\\/[^,]*,)?\\d*/, '') : undefined;",
      ],
    ],
  },
  {
    name: 'ids that are no numbers in JSON',
    tests: [pushHost],
    patches: [['src/frame/manager.ts', ' && hasPlainId(packet)', '']],
  },
  {
    name: 'event that does not clone, dropped alone',
    tests: ['test/frame/outbox.test.ts'],
    patches: [['src/frame/outbox.ts', 'if (entries.length > 1) for', 'if (entries.length > 999) for']],
  },
  {
    name: 'what auth of host.js fails with, kept from the page',
    tests: [pushHost],
    patches: [['src/frame/credentials.ts', 'if (isOurs(error)) throw error;', 'throw error;']],
  },
  {
    name: 'message of a fallen frame that can not be read',
    tests: [fallen],
    patches: [['src/parent/push-link.ts', 'if (!Array.isArray(events)) port1.postMessage([]);', '']],
  },
  {
    name: "names of a Manager's events",
    tests: [fallen],
    patches: [['src/rpc/push-event.ts', 'MANAGER_EVENTS.test(name)', '!!MANAGER_EVENTS']],
  },
  {
    name: "fields of a connection's state",
    tests: [fallen],
    patches: [
      [
        'src/rpc/push-event.ts',
        '...(state && readFields(given, STATES))',
        'state: (given as PushEvent).state, engine: (given as PushEvent).engine, ...(state && STATES && {})',
      ],
    ],
  },
  {
    name: 'reserved names of events',
    tests: [fallen],
    patches: [['src/rpc/push-event.ts', ' && !RESERVED.test(data[0])', '']],
  },
  {
    name: 'codes of a REFUSE',
    tests: [fallen],
    patches: [['src/parent/session.ts', "/^(FRAME|CLOSED)/.test(code) ? 'HOST_FAILED' : code", 'code']],
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
        "policy({ url: url.replace(/^ws/, 'http'), method: 'GET', headers: [], origin: context.origin });",
        'void [policy, context];',
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
    const skipped = /\/(node_modules|dist|\.git|demo|bench)$/;
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
