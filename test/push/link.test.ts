import { expect } from '@esm-bundle/chai';
import type { Connection } from '../../src/parent/connection/connection.ts';
import { emitter } from '../../src/parent/emitter.ts';
import { createPushLink } from '../../src/parent/push/link.ts';
import { until } from '../support/env.ts';

const state = { _readyState: 'open', _reconnecting: false, _connection: 1 };
const event = (name: string) => ({ type: 'event', manager: 0, name, args: [], state });

describe('the link of push', () => {
  /** A link over a session by hand, with what its manager hears; `onEvent` runs as it does. */
  function openLink(onEvent: (name: string) => void = () => {}) {
    let frame: MessagePort | undefined;
    const session = {
      lost: new AbortController().signal,
      call: async (_method: string, [port]: [MessagePort]) => {
        frame = port;
      },
    };
    const connection = { session, error: undefined, watchers: new Set() };
    const link = createPushLink(connection as unknown as Connection);
    const heard: string[] = [];
    link({
      receive: ({ name }) => {
        heard.push(name);
        onEvent(name);
      },
      onFrame() {},
    });
    return { heard, connection, post: (...events: unknown[]) => frame?.postMessage(events) };
  }
  /** What a listener that is there for one event does. */
  const removeListener = (): void => void { ...emitter }.off('any');

  it('gives the events of a batch and of the next in order, also after a listener is removed', async () => {
    const { heard, post } = openLink(removeListener);
    post(event('open'), event('ping'));
    post(event('reconnect'));
    await until(() => heard.length === 3);
    expect(heard).to.deep.equal(['open', 'ping', 'reconnect']);
  });

  for (const [what, leave] of Object.entries({
    lost: undefined,
    'another one': { lost: new AbortController().signal, call: async () => {} },
  }))
    it(`gives nothing that is left of a batch once its session is ${what}`, async () => {
      const { heard, connection, post } = openLink((name) => {
        removeListener();
        if (name === 'open') Object.assign(connection, { session: leave });
      });
      post(event('open'), event('ping'));
      post(event('reconnect'));
      await until(() => heard.length > 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(heard).to.deep.equal(['open']);
    });
});
