/**
 * Runs a site's host.js in a thread of its own, which can be ended: it may be broken, or loop. What it
 * gives to `serve()` is read by `hadoken/testing`. Its hooks are not run.
 */
import dns from 'node:dns';
import { Script } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { createTestHost, readHost } from '../../dist/testing.mjs';
import { lookup } from './lookup.mjs';

/** `asksConfig`: whether `config` is asked for, which may go to a server. @default true */
const { code, script, frame, origin, timeout, asksConfig = true } = workerData;

/** The first `serve()` stands, as in a frame; a second one throws there. */
const FIRST_ONLY =
  'hadokenFrame = (({ serve, ...rest }) => ({ ...rest, serve(options) { if (serve) serve(options); serve = undefined; } }))({ ...hadokenFrame });';

/** Whether host.js has asked a server: what comes of it may be another thing for a user who is signed in. */
let hasFetched = false;

/** A worker's globals that Node lacks. Names and relative URLs are resolved as in the frame. */
function playWorker() {
  const { fetch } = globalThis;
  dns.lookup = lookup;
  Object.assign(globalThis, {
    self: globalThis,
    location: new URL(script),
    fetch(input, init) {
      hasFetched = true;
      return fetch(typeof input === 'string' ? new URL(input, frame) : input, init);
    },
  });
}

const describe = (error) => (error instanceof Error ? error.message : String(error));

/** What `serve()` was given, or why there is nothing: `{ failed, message }`. */
function readOptions() {
  try {
    new Script(code, { filename: 'host.js' });
  } catch (error) {
    const line = /^host\.js:(\d+)/.exec(error.stack ?? '')?.[1];
    return { failed: 'syntax', message: `${describe(error)}${line ? ` (line ${line})` : ''}` };
  }
  try {
    return { options: readHost(code) };
  } catch (error) {
    const times = /serve\(\) (\d+) times/.exec(describe(error))?.[1];
    if (times === '0') return { failed: 'silent' };
    if (times) return { options: readHost(FIRST_ONLY + code), isTwice: true };
    const lacking = error instanceof ReferenceError && /^(\w+) is not defined/.exec(error.message);
    return { failed: 'throws', message: describe(error), lacking: lacking?.[1] };
  }
}

/** Whether `origins`, as in `serve()`, have the page. */
async function isAmong(origins) {
  // Any question will do: what no rule allows is refused by another code, and no hook is run.
  const { code: refusal } = await createTestHost({ origins }).ask({
    origin,
    kind: 'eventSource',
    path: '/',
  });
  return refusal !== 'ORIGIN_REFUSED';
}

const isForPage = ({ origins }) => origins === undefined || isAmong(origins);

async function forPage(rules) {
  if (!Array.isArray(rules)) return rules === true;
  const are = await Promise.all(rules.map(isForPage));
  const kept = rules.filter((_rule, at) => are[at]);
  return (
    kept.length > 0 &&
    kept.map(({ path, methods, shared }) => ({ path, methods, shared: !!shared }))
  );
}

async function namespacesOf(namespaces) {
  if (namespaces === undefined) return undefined;
  const names = [];
  for (const [name, rule] of Object.entries(namespaces)) {
    const rules = [rule].flat().filter(Boolean);
    const are = await Promise.all(rules.map((each) => isForPage(each)));
    if (are.some(Boolean)) names.push(name);
  }
  return names;
}

async function ioOf(io) {
  if (!io) return undefined;
  const {
    url = frame,
    path = '/socket.io/',
    transports,
    parser,
    namespaces,
    shared,
  } = io === true ? {} : io;
  const names = await namespacesOf(namespaces);
  if (names && names.length === 0) return undefined;
  return {
    url: new URL(url, frame).origin,
    path,
    transports: transports ?? ['websocket', 'polling'],
    parser,
    namespaces: names,
    shared: !!shared,
  };
}

/** Why the page would not get its `config`; undefined: it would. */
async function askConfig(options) {
  const { origins, config } = options;
  if (config === undefined) return undefined;
  let thrown;
  const asked =
    typeof config === 'function'
      ? async (context) => {
          try {
            return await config.call(options, context);
          } catch (error) {
            thrown = error;
            throw error;
          }
        }
      : config;
  const page = createTestHost({ origins, config: asked }, { url: frame }).connect(origin);
  const late = new Promise((resolve) => setTimeout(resolve, timeout, 'late'));
  const outcome = await Promise.race([page.ready.then(() => undefined, describe), late]);
  page.close();
  if (outcome === undefined) return undefined;
  if (outcome === 'late') return { message: `it gave nothing within ${timeout} ms`, hasFetched };
  const lacking = thrown instanceof ReferenceError && /^(\w+) is not defined/.exec(thrown.message);
  return { message: thrown ? describe(thrown) : outcome, lacking: lacking?.[1], hasFetched };
}

// What fails later, in a callback or a promise that nobody waits for, is on a browser's console alone.
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => {});

async function run() {
  playWorker();
  const { options, ...found } = readOptions();
  if (!options) return found;
  try {
    // What host.js asks for by `fetch` itself goes to the network, as in a frame.
    createTestHost(options, { url: frame, respond: (request) => fetch(request) });
  } catch (error) {
    return { failed: 'options', message: describe(error) };
  }
  found.origins = options.origins;
  found.ioUrl = Object(options.io).url;
  if (!(await isAmong(options.origins)))
    return { ...found, failed: 'origin', message: options.origins.join(', ') };
  const io = await ioOf(options.io);
  const eventSource = await forPage(options.eventSource);
  return {
    ...found,
    config: asksConfig ? await askConfig(options) : undefined,
    allowed: {
      fetch: await forPage(options.fetch),
      eventSource,
      webSocket: await forPage(options.webSocket),
      io,
      services: Object.keys(options.services ?? {}),
      hasVault: !!options.vault,
      isSharing:
        !!io?.shared || (Array.isArray(eventSource) && eventSource.some(({ shared }) => shared)),
    },
  };
}

run().then(
  (result) => parentPort.postMessage(result),
  (error) => parentPort.postMessage({ failed: 'throws', message: describe(error) }),
);
