import { expect } from '@esm-bundle/chai';
import { createOutbox } from '../../src/frame/push/outbox.ts';
import type { PushEvent } from '../../src/rpc/wire/push-packet.ts';
import { until } from '../support/env.ts';

const event = (name: string, ...args: unknown[]): PushEvent => ({
  type: 'event',
  manager: 1,
  name,
  args,
});

function openOutbox() {
  const { port1, port2 } = new MessageChannel();
  const names: string[] = [];
  const logged: string[] = [];
  port1.onmessage = ({ data }: MessageEvent<PushEvent[]>) =>
    names.push(...data.map(({ name }) => name));
  return { outbox: createOutbox(port2, (message) => logged.push(message)), names, logged };
}

describe('the outbox of a push host', () => {
  for (const [what, ...args] of [
    ['a function', () => {}],
    [
      'an error with a function',
      { error: { name: 'Error', message: 'x', data: { deep: [() => {}] } } },
    ],
    ['a revoked proxy', new Proxy({}, { ownKeys: () => hostile() })],
  ] as [string, unknown][])
    it(`drops an event with ${what}, says so, and sends those around it`, async () => {
      const { outbox, names, logged } = openOutbox();
      const bytes = new ArrayBuffer(1);
      outbox.post(event('before', bytes), [bytes]);
      outbox.post(event('lost', ...args));
      outbox.post(event('after'));
      await until(() => names.includes('after'));
      expect(names).to.deep.equal(['before', 'after']);
      expect(logged).to.have.lengthOf(1);
      expect(logged[0]).to.contain('dropped an event');
    });

  it('does not wait for the page to take what was never sent', async () => {
    const { outbox, names } = openOutbox();
    for (let i = 0; i < 2_000; i++) outbox.post(event('lost', () => {}));
    outbox.post(event('after'));
    await until(() => names.includes('after'));
  });
});

function hostile(): never {
  throw Object.create(null);
}
