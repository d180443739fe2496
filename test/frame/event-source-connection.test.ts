import { expect } from '@esm-bundle/chai';
import {
  type Connect,
  EventSourceConnection,
} from '../../src/frame/streams/event-source-connection.ts';
import type { EventSourceTarget, StreamMessage } from '../../src/rpc/wire/stream.ts';
import { until } from '../support/env.ts';
import { settle } from '../support/streams.ts';

const FOR_EVER = 1_000_000;

/** One whose connections give `texts`, one each, and then stay open until they are broken off. */
function follow(texts: string[], resume?: Omit<EventSourceTarget, 'kind' | 'url'>) {
  const { port1, port2 } = new MessageChannel();
  const messages: StreamMessage[] = [];
  port1.onmessage = ({ data }) => messages.push(data);
  const ids: string[] = [];
  const connect: Connect = (lastEventId, { onOpen, onText }, signal) => {
    if (signal.aborted) return Promise.resolve(true);
    ids.push(lastEventId);
    onOpen();
    onText(texts[ids.length - 1] ?? '');
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(true)));
  };
  const connection = new EventSourceConnection(port2, {
    kind: 'eventSource',
    url: '/ticks',
    ...resume,
  });
  const over = connection.run(connect);
  const types = (): unknown[] =>
    messages.map(({ event }) => event && 'type' in event && event.type);
  return { connection, over, messages, types, ids, port: port1 };
}

describe('an EventSource’s connection', () => {
  it('says with every event where the next frame has to take up', async () => {
    const { connection, messages, port } = follow(['retry: 7\nid: a\ndata: 1\n\n'], {
      lastEventId: 'z',
      retry: FOR_EVER,
    });
    await until(() => messages.length === 2);
    expect(messages).to.deep.equal([
      {
        state: { readyState: 1, lastEventId: 'z', retry: FOR_EVER },
        event: { kind: 'Event', type: 'open' },
      },
      {
        state: { readyState: 1, lastEventId: 'a', retry: 7 },
        event: { kind: 'MessageEvent', type: 'message', data: '1' },
      },
    ]);
    connection.close();
    port.close();
  });

  it('waits for 3 s before it connects again, unless messages otherwise', async () => {
    const { connection, messages, port } = follow(['data: 1\n\n']);
    await until(() => messages.length > 0);
    expect(messages[0]?.state).to.deep.equal({ readyState: 1, lastEventId: '', retry: 3_000 });
    connection.close();
    port.close();
  });

  it('takes no retry that a timer would take for none', async () => {
    const { connection, messages, port } = follow(['retry: 99999999999\ndata: 1\n\n']);
    await until(() => messages.length === 2);
    expect(messages[1]?.state?.retry).to.equal(2 ** 31 - 1);
    connection.close();
    port.close();
  });

  it('breaks off while the page is frozen, and connects at once at the thaw', async () => {
    const { connection, types, ids, port } = follow(['id: 1\ndata: 1\n\n', 'data: 2\n\n'], {
      lastEventId: '',
      retry: FOR_EVER,
    });
    let thaw = (): void => {};
    await until(() => types().length === 2);
    connection.freeze(new Promise((resolve) => (thaw = resolve)));
    await until(() => types().includes('error'));
    await settle();
    expect(ids).to.deep.equal(['']);
    thaw();
    await until(() => types().length === 5);
    expect(types()).to.deep.equal(['open', 'message', 'error', 'open', 'message']);
    expect(ids).to.deep.equal(['', '1']);
    connection.close();
    port.close();
  });

  it('is over when it is closed: connected, waiting or frozen', async () => {
    let thaw = (): void => {};
    const connected = follow(['']);
    await until(() => connected.types().includes('open'));
    connected.connection.close();
    await connected.over;

    const frozen = follow(['']);
    frozen.connection.freeze(new Promise((resolve) => (thaw = resolve)));
    await until(() => frozen.types().includes('error'));
    frozen.connection.close();
    thaw();
    await frozen.over;
    expect(frozen.ids).to.deep.equal([]);
    for (const { port } of [connected, frozen]) port.close();
  });
});
