import { expect } from '@esm-bundle/chai';
import { io } from 'socket.io-client';
import { control, env, frameUrl, requestLog, uniqueId, until } from '../support/env.ts';

interface Echo {
  method: string;
  headers: Record<string, string>;
  body: string;
}

/** Asks the probe frame to POST to `url` and resolves with what it posts back. */
async function askProbe(url: string): Promise<{ origin: string; answer: Echo }> {
  const frame = document.createElement('iframe');
  frame.src = frameUrl('probe');
  await new Promise((resolve) => {
    frame.onload = resolve;
    document.body.append(frame);
  });
  try {
    return await new Promise((resolve) => {
      addEventListener('message', ({ data }) => resolve(data), { once: true });
      frame.contentWindow?.postMessage(url, env.push);
    });
  } finally {
    frame.remove();
  }
}

const rejects = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => false,
    () => true,
  );

describe('the test servers', () => {
  it('put the page and the frame on two origins of one site', async () => {
    expect(location.origin).to.equal(env.app);
    expect(location.hostname).to.equal('app.hadoken.localhost');
    const { origin, answer } = await askProbe('/api/echo');
    expect(origin).to.equal(env.push);
    expect(answer.method).to.equal('POST');
    expect(atob(answer.body)).to.equal('probe');
    expect(answer.headers['x-probe']).to.equal('1');
    expect(answer.headers['sec-fetch-site']).to.equal('same-origin');
  });

  it('keep the API from other origins, and count the preflight where CORS is allowed', async () => {
    expect(await rejects(fetch(`${env.push}/api/echo`))).to.equal(true);
    const id = uniqueId();
    await fetch(`${env.push}/cors/api/echo?id=${id}`, { method: 'PUT', headers: { 'x-a': '1' } });
    expect((await requestLog(id)).map(({ method }) => method)).to.deep.equal(['OPTIONS', 'PUT']);
  });

  it('notice a request that is aborted while the answer is on its way', async () => {
    const id = uniqueId();
    const controller = new AbortController();
    const url = `${env.push}/cors/api/stream?id=${id}&chunks=1000&ms=20`;
    const response = await fetch(url, { signal: controller.signal });
    expect(response.status).to.equal(200);
    controller.abort();
    const entry = await until(async () => (await requestLog(id)).find(({ aborted }) => aborted));
    expect(entry.finished).to.equal(false);
  });

  it('fail a cut body and a reset connection', async () => {
    const cut = await fetch(`${env.push}/cors/api/cut?after=100`);
    expect(await rejects(cut.arrayBuffer())).to.equal(true);
    expect(await rejects(fetch(`${env.push}/cors/api/reset`))).to.equal(true);
  });

  it('speak Socket.IO, refuse with data, and come back after a stop', async () => {
    const admin = io(`${env.push}/admin`, { transports: ['websocket'], forceNew: true });
    const refusal = await new Promise<Error & { data?: unknown }>((resolve) =>
      admin.once('connect_error', resolve),
    );
    expect(refusal.data).to.deep.equal({ code: 'E_ADMIN', retry: false });
    admin.close();

    const socket = io(env.push, {
      transports: ['websocket'],
      reconnectionDelay: 50,
      forceNew: true,
    });
    expect(await socket.emitWithAck('echo', 1, 'two')).to.equal(1);
    const lost = new Promise((resolve) => socket.once('disconnect', resolve));
    await control('io/stop');
    expect(await lost).to.match(/^transport/);
    await control('io/start');
    await until(() => socket.connected);
    expect((await control('io/clients')).clients['/']).to.include(socket.id);
    socket.close();
  });

  it('serve pages on another site and on a sibling, out of the reach of the runner', async () => {
    for (const origin of [env.app, env.other, env.shop]) {
      const response = await fetch(`${origin}/pages/blank.html`);
      expect(await response.text())
        .to.contain(`<p>${env.push}</p>`)
        .and.not.contain('<script');
    }
  });
});
