import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import { createSocketLimit } from '../../src/frame/rules/socket-limit.ts';
import { createWebSocketHost } from '../../src/frame/streams/web-socket.ts';
import type { StreamCommand, StreamMessage } from '../../src/rpc/wire/stream.ts';
import { env, requestLog, uniqueId, until } from '../support/env.ts';
import { wsUrl } from '../support/streams.ts';

const LOST = { kind: 'CloseEvent', wasClean: false, code: 1006, reason: '', isError: true };

/** The frame's half over a bare channel: WebSockets know no origin policy, so it may run here. */
function serve(url: string) {
  const { port1: port, port2 } = new MessageChannel();
  const life = new EventTarget();
  const messages: StreamMessage[] = [];
  port.onmessage = ({ data }) => messages.push(data);
  const effects = { origin: env.push, WebSocket } as unknown as Effects;
  const page = { context: { origin: env.app }, life, takeSocket: createSocketLimit() };
  const openWebSocket = createWebSocketHost({ origins: [env.app], webSocket: true }, effects)(page);
  const over = openWebSocket({ kind: 'webSocket', url, protocols: [] }, port2);
  const post = (command: unknown): void => port.postMessage(command);
  const events = () => messages.flatMap(({ event }) => event ?? []);
  const kinds = (): string[] => events().map(({ kind }) => kind);
  return { port, life, messages, over, post, events, kinds };
}

describe('the host of a WebSocket', () => {
  it('closes it when the page is frozen, as a lost connection', async () => {
    const id = uniqueId();
    const { life, events, kinds, over } = serve(wsUrl(`echo?id=${id}`));
    await until(() => kinds().includes('Event'));
    life.dispatchEvent(new Event('freeze'));
    await over;
    await until(() => kinds().length === 2);
    expect(events()[1]).to.deep.equal(LOST);
    const isHungUp = async (): Promise<boolean> => {
      const [entry] = await requestLog(id);
      return Boolean(entry?.finished || entry?.aborted);
    };
    await until(isHungUp);
  });

  it('fails it for a page that has not seen it open when it closes it', async () => {
    const { events, kinds, post, over } = serve(wsUrl('echo'));
    await until(() => kinds().includes('Event'));
    post({ type: 'close', readyState: 0 });
    await over;
    await until(() => kinds().length === 2);
    expect(events()[1]).to.deep.equal(LOST);
  });

  it('ignores what is no command', async () => {
    const { events, kinds, post, over } = serve(wsUrl('echo'));
    await until(() => kinds().includes('Event'));
    for (const junk of [
      null,
      'close',
      {},
      { type: 'open' },
      { type: 'send' },
      { type: 'send', data: 7 },
      { type: 'send', data: new Uint8Array([1]) },
      { type: 'close', code: {} },
      { type: 'close', code: '1000' },
      { type: 'close', code: 1_001 },
      { type: 'close', code: 3_000.5 },
      { type: 'close', code: 5_000 },
      { type: 'close', code: 1_000, reason: 'ü'.repeat(62) },
      { type: 'close', code: 1_000, reason: 7 },
      { type: 'close', readyState: 4 },
      { type: 'close', readyState: '0' },
    ])
      post(junk);
    post({ type: 'send', data: 'still here' });
    await until(() => kinds().includes('MessageEvent'));
    expect(events()[1]).to.deep.equal({
      kind: 'MessageEvent',
      type: 'message',
      data: 'still here',
    });
    post({ type: 'close' });
    await over;
  });

  it('closes with the code and the reason of the page, and without them where there is no code', async () => {
    for (const [command, code, reason] of [
      [{ code: 4_999, reason: 'ü'.repeat(61) }, 4_999, 'ü'.repeat(61)],
      [{ code: 1_000 }, 1_000, ''],
      [{ reason: 'no code' }, 1_005, ''],
    ] as const) {
      const { events, kinds, post, over } = serve(wsUrl('echo'));
      await until(() => kinds().includes('Event'));
      post({ type: 'close', readyState: 1, ...command } satisfies StreamCommand);
      await over;
      await until(() => kinds().length === 2);
      expect(events()[1]).to.deep.equal({
        kind: 'CloseEvent',
        code,
        reason,
        wasClean: true,
        isError: false,
      });
    }
  });

  it('says with the end that there was an error before it', async () => {
    const { events, kinds, over } = serve(wsUrl('refuse'));
    await over;
    await until(() => kinds().length === 1);
    expect(events()).to.deep.equal([LOST]);
  });

  it('reports what has left, and all of it before a goodbye', async () => {
    const { messages, kinds, post, over } = serve(wsUrl('measure'));
    await until(() => kinds().includes('Event'));
    post({ type: 'send', data: 'grün' });
    post({ type: 'send', data: new Blob(['abc']) });
    post({ type: 'send', data: new ArrayBuffer(10) });
    post({ type: 'close' });
    await over;
    await until(() => kinds().includes('CloseEvent'));
    expect(messages.reduce((sum, { sent = 0 }) => sum + sent, 0)).to.equal(18);
  });
});
