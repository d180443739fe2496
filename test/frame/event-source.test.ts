import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import { createSocketLimit } from '../../src/frame/rules/socket-limit.ts';
import { createEventSourceHost } from '../../src/frame/streams/event-source.ts';
import type { StreamMessage } from '../../src/rpc/wire/stream.ts';
import { env, until } from '../support/env.ts';

/** The frame's half over a bare channel, with a hook that answers with `body` whatever the server said. */
function serve(body: ReadableStream<unknown>) {
  const { port1: port, port2 } = new MessageChannel();
  const messages: StreamMessage[] = [];
  port.onmessage = ({ data }) => messages.push(data);
  const headers = { 'content-type': 'text/event-stream' };
  const onResponse = (): Response => new Response(body as ReadableStream, { headers });
  const effects = {
    origin: env.push,
    fetch: async () => new Response(),
    log() {},
  } as unknown as Effects;
  const takeSocket = createSocketLimit();
  let taken = 0;
  const page = {
    context: { origin: env.app },
    life: new EventTarget(),
    takeSocket() {
      const release = takeSocket();
      taken++;
      return () => {
        taken--;
        release();
      };
    },
  };
  const open = createEventSourceHost(
    { origins: [env.app], eventSource: true, onResponse },
    effects,
  )(page);
  const over = open({ kind: 'eventSource', url: `${env.push}/ticks` }, port2);
  return { port, messages, over, taken: () => taken };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the host of an EventSource', () => {
  /** Bodies of a hook that do not end by themselves. */
  const endless: Record<string, UnderlyingDefaultSource<unknown>> = {
    'is silent': { start: (controller) => controller.enqueue(bytes('data: 1\n\n')) },
    'comes without end': {
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.enqueue(bytes('data: 1\n\n'));
      },
    },
    'never lets go': {
      start: (controller) => controller.enqueue(bytes('data: 1\n\n')),
      cancel: () => new Promise(() => {}),
    },
  };
  for (const [what, source] of Object.entries(endless))
    it(`gives its place back when it is closed, though a hook's body ${what}`, async () => {
      const { port, messages, over, taken } = serve(new ReadableStream(source));
      await until(() => messages.some(({ event }) => event?.kind === 'MessageEvent'));
      expect(taken()).to.equal(1);
      port.postMessage({ type: 'close' });
      await over;
      expect(taken()).to.equal(0);
    });

  it('lets go of a body that it has no use for', async () => {
    let cancelled = false;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue('text'),
      cancel() {
        cancelled = true;
      },
    });
    const { over, taken } = serve(body);
    await over.catch(() => {});
    expect([cancelled, taken()]).to.deep.equal([true, 0]);
  });
});
