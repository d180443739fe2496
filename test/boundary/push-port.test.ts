import { expect } from '@esm-bundle/chai';
import { shakeByHand } from '../support/attacker.ts';
import { frameUrl, uniqueId, until } from '../support/env.ts';

/** The `push` call by hand, with a port of its own: what it is answered with, and what is heard on the port. */
async function openPush(
  port: MessagePort,
): Promise<{ answer: unknown; port: MessagePort; heard: unknown[] }> {
  const { port1, port2 } = new MessageChannel();
  const heard: unknown[] = [];
  port1.onmessage = ({ data }) => heard.push(data);
  const id = uniqueId();
  const answered = new Promise<unknown>((resolve) => {
    port.addEventListener('message', ({ data }) => data.id === id && resolve(data.value));
  });
  port.start();
  const argumentList = [{ type: 'RAW', value: port2 }];
  port.postMessage({ id, type: 'APPLY', path: ['push'], argumentList }, [port2]);
  return { answer: await answered, port: port1, heard };
}

describe('the push ports of an allowed page', () => {
  it('are one: limits are counted by port, and more ports would be more of everything', async () => {
    const { port, frame } = await shakeByHand(frameUrl('push-plain'));
    const first = await openPush(port);
    expect(first.answer).to.deep.equal({ value: undefined });
    const open = { type: 'open', manager: 0, uri: '', options: '{}', once: false };
    for (let i = 0; i < 3; i++) {
      const { answer, port: refused, heard } = await openPush(port);
      expect(answer).to.have.nested.property('error.code', 'LIMIT_EXCEEDED');
      refused.postMessage([open]);
      first.heard.length = 0;
      first.port.postMessage([{ ...open, manager: i }]);
      await until(() => JSON.stringify(first.heard).includes('"open"'));
      expect(heard).to.deep.equal([]);
    }
    frame.remove();
  });

  it('are one for each session: the next frame has its own', async () => {
    for (let i = 0; i < 2; i++) {
      const { port, frame } = await shakeByHand(frameUrl('push-plain'));
      expect((await openPush(port)).answer).to.deep.equal({ value: undefined });
      frame.remove();
    }
  });
});
