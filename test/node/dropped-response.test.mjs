import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const tick = () => new Promise((resolve) => setTimeout(resolve, 10));

const entry = fileURLToPath(new URL('../../src/parent/ajax/exchange.ts', import.meta.url));
const { outputFiles } = await build({
  entryPoints: [entry],
  bundle: true,
  format: 'esm',
  write: false,
});
const { exchange } = await import(`data:text/javascript;base64,${btoa(outputFiles[0].text)}`);

/** Nobody wants a report. */
const watch = {
  sent() {},
  answered() {},
  followed() {},
  failed() {},
  ended: (close) => close(),
};

/** As a lease has it. */
const endingOf = (signal) => ({
  signal,
  onAbort(listener) {
    signal.addEventListener('abort', listener);
    return () => signal.removeEventListener('abort', listener);
  },
});

/** A frame that has sent `first` bytes of a body and waits for a reader; `heard` is what the page told it. */
function frame(first) {
  const heard = [];
  // Held, as a session holds those of its exchanges.
  const listeners = [];
  const session = {
    lost: new AbortController().signal,
    openExchange(_wire, listener) {
      listeners.push(listener);
      const head = {
        status: 200,
        statusText: '',
        headers: [],
        own: { url: { value: 'https://api.test/' } },
        bytes: first ? new ArrayBuffer(first) : null,
        done: false,
        downloaded: { loaded: first },
      };
      setTimeout(() => listener.onNews({ type: 'head', head }));
      return { send: ({ type }) => heard.push(type), close() {} };
    },
  };
  const outgoing = { wire: { url: 'https://api.test/', method: 'GET', headers: [], init: {} } };
  const get = (signal = new AbortController().signal) =>
    exchange(session, outgoing, endingOf(signal), { watch, toAnswer: (reason) => reason });
  return { heard, get, session, listeners };
}

/** Collects garbage until `check` holds, at most so many times. */
async function collect(check, times = 100) {
  for (let at = 0; at < times && !check(); at++) {
    gc();
    await tick();
  }
}

test('a response that is dropped unread lets its request go', async () => {
  const { heard, get } = frame(10);
  // The caller's signal lives on, and must not hold it.
  const { signal } = new AbortController();
  await (async () => {
    assert.equal((await get(signal)).status, 200);
  })();
  await collect(() => heard.includes('abort'));
  assert.ok(heard.includes('abort'), 'the frame was told');
});

test('one that is kept, or whose body is, is not let go', async () => {
  for (const keep of [(response) => response, ({ body }) => body, ({ body }) => body.getReader()]) {
    const { heard, get } = frame(10);
    const kept = keep(await get());
    await collect(() => heard.includes('abort'), 20);
    assert.deepEqual(heard, ['taken']);
    await kept.cancel?.();
    await kept.body?.cancel();
  }
});

test('one that somebody waits for is not let go, though nobody else knows the reader', async () => {
  const { heard, get } = frame(0);
  const controller = new AbortController();
  let done = false;
  const reading = (async () => {
    await (await get(controller.signal)).arrayBuffer();
  })().catch(() => {
    done = true;
  });
  await collect(() => heard.includes('abort'), 20);
  assert.deepEqual([heard, done], [['taken', 'taken'], false]);
  controller.abort();
  await reading;
});
