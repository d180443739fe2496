/** `npm run start:cluster` as it is started, with hadoken.io in a real page; nodes are killed by the page's own buttons. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { io } from 'socket.io-client';
import { startChild } from '../../../test/support/child.mjs';
import { presentEngines, wantedEngines } from '../../../test/support/engines.mjs';
import { freePort } from '../../../test/support/free-port.mjs';
import { resolveLocalhostNames } from '../../../test/support/local-names.mjs';
import { root } from '../../../test/support/static-files.mjs';
import { openTab } from '../../../test/support/tab.mjs';
import { next, until } from './support/nodes.mjs';

resolveLocalhostNames();
const engine = wantedEngines().find((name) => presentEngines().includes(name));

describe('an io node of the demo', () => {
  it('does not start without a key for the clock, or everybody would be the clock', () => {
    const file = join(root, 'demo/cluster/io-node.mjs');
    const env = { ...process.env, CLOCK_KEY: '' };
    const { status, stderr } = spawnSync(process.execPath, [file, 'io1'], { env, timeout: 20_000 });
    assert.equal(status, 1);
    assert.match(String(stderr), /CLOCK_KEY is missing/);
  });
});

describe('the demo on a cluster', {
  timeout: 120_000,
  skip: !engine && 'there is no browser',
}, () => {
  let demo;
  let tab;
  let app;
  let push;
  before(async () => {
    const [PORT, PUSH_PORT] = [await freePort(), await freePort()];
    app = `http://app.hadoken.localhost:${PORT}`;
    push = `http://127.0.0.1:${PUSH_PORT}`;
    const env = { PORT, PUSH_PORT, HOST: '127.0.0.1', REDIS_URL: '' };
    const file = join(root, 'demo/cluster/start.mjs');
    demo = await startChild(process.execPath, [file], { until: /Ctrl\+C/, env, timeout: 60_000 });
    tab = await openTab(engine);
    await tab.navigate(`${app}/`);
  });
  after(async () => {
    await tab?.stop();
    await demo?.stop();
  });

  const read = () =>
    tab.evaluate(() =>
      Object.fromEntries(
        ['io-node', 'app-node', 'number', 'missing', 'twice', 'recovered'].map((name) => [
          name,
          document.querySelector(`#cluster [data-${name}]`).textContent,
        ]),
      ),
    );
  const press = (name) =>
    tab.evaluate((node) => document.querySelector(`[data-node="${node}"]`).click(), name);
  const ticks = async (more) => {
    const { number } = await read();
    await until(async () => Number((await read()).number) >= Number(number) + more);
  };

  it('shows which nodes serve the tab', async () => {
    await until(async () => {
      const { 'io-node': ioNode, 'app-node': appNode } = await read();
      return /^io[123]$/.test(ioNode) && /^app[12]$/.test(appNode);
    });
    await until(async () => Number((await read()).number) > 0);
  });

  it('loses nothing and gives nothing twice when either kind is killed', async () => {
    let before;
    await until(async () => {
      before = await read();
      return /^io\d$/.test(before['io-node']) && /^app\d$/.test(before['app-node']);
    });
    await press(before['io-node']);
    await until(async () => Number((await read()).recovered) >= 1);
    await press(before['app-node']);
    await ticks(3);
    for (const kind of ['io-node', 'app-node'])
      await until(async () => {
        const { [kind]: node } = await read();
        return /^(io|app)\d$/.test(node) && node !== before[kind];
      }, `another ${kind} than ${before[kind]}`);
    const after_ = await read();
    assert.deepEqual([after_.missing, after_.twice], ['0', '0']);
  });

  it('lets nobody else be the clock', async () => {
    const socket = io(`${push}/clock`, { auth: { key: 'x' }, transports: ['websocket'] });
    const [error] = await next(socket, 'connect_error');
    assert.equal(error.message, 'You are not the clock.');
    socket.disconnect();
  });

  it('starts them again, and says so', async () => {
    const nodes = async () => (await fetch(`${app}/control/cluster`)).json();
    assert.equal((await nodes()).filter(({ running }) => running).length, 3);
    for (const { name, running } of await nodes()) if (!running) await press(name);
    await until(async () => (await nodes()).every(({ running }) => running));
    const order = (path, init) => fetch(app + path, init).then(({ status }) => status);
    assert.equal(await order('/control/cluster/kill?node=io1'), 405);
    assert.equal(await order('/control/cluster/kill?node=io9', { method: 'POST' }), 404);
    const headers = { 'sec-fetch-site': 'cross-site' };
    assert.equal(await order('/control/cluster/kill?node=io1', { method: 'POST', headers }), 403);
  });
});
