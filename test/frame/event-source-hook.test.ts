import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import { createHost } from '../../src/frame/host.ts';
import { API, callByHand, PAGE } from '../support/bare-host.ts';

/** What a page is told of an EventSource whose onResponse gives `shown`. */
async function told(
  shown: () => unknown,
): Promise<{ name?: string; message?: string; code?: string }> {
  const host = createHost({ origins: [PAGE], eventSource: true, onResponse: shown as never }, {
    origin: API,
    fetch: async () => new Response(),
    log() {},
  } as unknown as Effects);
  const { port2: theirs } = new MessageChannel();
  const target = { kind: 'eventSource', url: `${API}/a` };
  const { error } = await callByHand<{ error?: object }>(
    host,
    'stream',
    [target, theirs],
    [theirs],
  );
  return error ?? {};
}

describe('an EventSource whose hook fails', () => {
  const headers = { 'content-type': 'text/event-stream' };
  const cases: Record<string, () => unknown> = {
    'by what is no Response': () => ({ secret: 1 }),
    'by a Response that is read': async () => {
      const response = new Response('a', { headers });
      await response.text();
      return response;
    },
    'by a stream of texts': () =>
      new Response(new ReadableStream({ pull: (c) => c.enqueue('data: 1\n\n') }) as never, {
        headers,
      }),
  };
  for (const [how, shown] of Object.entries(cases))
    it(`is told HOST_FAILED, as a fetch is: ${how}`, async () => {
      const error = await told(shown);
      expect(error.code, JSON.stringify(error)).to.equal('HOST_FAILED');
    });
});
