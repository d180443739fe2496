import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/host.ts';
import { createSocketLimit } from '../../src/frame/socket-limit.ts';
import { createWebSocketHost } from '../../src/frame/web-socket.ts';
import type { StreamCommand, StreamMessage } from '../../src/rpc/contract.ts';
import { env, requestLog, uniqueId, until } from '../support/env.ts';
import { wsUrl } from '../support/streams.ts';

/** The frame's half over a bare channel: WebSockets know no origin policy, so it may run here. */
function serve(url: string) {
  const { port1: port, port2 } = new MessageChannel();
  const life = new EventTarget();
  const told: StreamMessage[] = [];
  port.onmessage = ({ data }) => told.push(data);
  const effects = { origin: env.push, WebSocket } as unknown as Effects;
  const page = { context: { origin: env.app }, life, takeSocket: createSocketLimit() };
  const over = createWebSocketHost({ origins: [env.app], webSocket: true }, effects)(page)([url], port2);
  const post = (command: StreamCommand | object | null | string): void => port.postMessage(command);
  return { port, life, told, over, post, types: () => told.map(([, , , type]) => type) };
}

describe('the host of a WebSocket', () => {
  it('closes it when the page is frozen, and tells of a lost connection', async () => {
    const id = uniqueId();
    const { life, told, types, over } = serve(wsUrl(`echo?id=${id}`));
    await until(() => types().includes('open'));
    life.dispatchEvent(new Event('freeze'));
    await over;
    await until(() => told.length === 3);
    expect(types()).to.deep.equal(['open', 'error', 'close']);
    expect(told[2]?.[4]).to.deep.equal({ wasClean: false, code: 1006, reason: '' });
    const isHungUp = async (): Promise<boolean> => {
      const [entry] = await requestLog(id);
      return Boolean(entry?.finished || entry?.aborted);
    };
    await until(isHungUp);
  });

  it('fails it for a page that has not seen it open when it closes it', async () => {
    const { types, told, post, over } = serve(wsUrl('echo'));
    await until(() => types().includes('open'));
    post({ type: 'close', readyState: 0 });
    await over;
    await until(() => told.length === 3);
    expect(types()).to.deep.equal(['open', 'error', 'close']);
    expect(told[2]?.[4]).to.include({ wasClean: false, code: 1006 });
  });

  it('leaves alone what is no command', async () => {
    const { types, told, post, over } = serve(wsUrl('echo'));
    await until(() => types().includes('open'));
    for (const junk of [
      null,
      'close',
      {},
      { type: 'open' },
      { type: 'send' },
      { type: 'send', data: 7 },
      { type: 'close', code: {} },
    ])
      post(junk);
    post({ type: 'send', data: 'still here' });
    await until(() => types().includes('message'));
    expect(told.find(([, , , type]) => type === 'message')?.[4]).to.include({ data: 'still here' });
    post({ type: 'close' });
    await over;
  });

  it('tells of what has left, and of all of it before a goodbye', async () => {
    const { told, types, post, over } = serve(wsUrl('measure'));
    await until(() => types().includes('open'));
    post({ type: 'send', data: 'grün' });
    post({ type: 'send', data: new Blob(['abc']) });
    post({ type: 'send', data: new ArrayBuffer(10) });
    post({ type: 'close' });
    await over;
    await until(() => types().includes('close'));
    expect(told.reduce((sum, [, sent]) => sum + sent, 0)).to.equal(18);
  });
});
