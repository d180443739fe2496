import { expect } from '@esm-bundle/chai';
import fc from 'fast-check';
import { connect } from '../../src/parent/index.ts';
import { attackerUrl, openAttacker, shakeByHand } from '../support/attacker.ts';
import { env, frameUrl, uniqueId, until } from '../support/env.ts';

const hello = (frame: HTMLIFrameElement): Promise<MessageEvent> =>
  new Promise((resolve) => {
    addEventListener('message', function onMessage(event) {
      if (event.source !== frame.contentWindow || event.data?.hadoken !== 'HELLO') return;
      removeEventListener('message', onMessage);
      resolve(event);
    });
  });

/** A frame that has said HELLO and was not answered. */
async function openFrame(nonce = uniqueId(), host = 'default'): Promise<HTMLIFrameElement> {
  const frame = document.createElement('iframe');
  const said = hello(frame);
  frame.src = `${frameUrl(host)}#${nonce}`;
  document.documentElement.append(frame);
  await said;
  return frame;
}

type Answered = { port: MessagePort; answers: { hadoken: string }[] };

/** Posts `message` to `target`, with a port that remembers what comes back. */
function post(target: Window | null, message: unknown, ports = 1): Answered {
  const answers: { hadoken: string }[] = [];
  const channels = Array.from({ length: ports }, () => new MessageChannel());
  for (const { port1 } of channels) port1.onmessage = ({ data }) => answers.push(data);
  target?.postMessage(
    message,
    env.push,
    channels.map(({ port2 }) => port2),
  );
  return { port: channels[0]?.port1 as MessagePort, answers };
}

const offer = (nonce: string): object => ({ hadoken: 'OFFER', nonce, versions: [2, 2] });

/** The honest OFFER is still taken: nothing before it was, for a gate takes one. */
async function expectStillOpen(
  frame: HTMLIFrameElement,
  nonce: string,
  timeout = 8_000,
): Promise<void> {
  const { answers } = post(frame.contentWindow, offer(nonce));
  await until(() => answers.length, timeout);
  expect(answers[0]).to.include({ hadoken: 'ACCEPT' });
  frame.remove();
}

/** Posts an OFFER to the frame `path` away from that page's top, and tells what came back within the time. */
const offerTo = (path: number[], message: unknown, origin: string): Promise<unknown[]> => {
  let target = top as Window;
  for (const at of path) target = target.frames[at] as Window;
  const { port1, port2 } = new MessageChannel();
  const answers: unknown[] = [];
  port1.onmessage = ({ data }) => answers.push(data);
  target.postMessage(message, origin, [port2]);
  return new Promise((resolve) => setTimeout(resolve, 300, answers));
};

/** Where `frame` is among the page's frames. */
const indexOf = (frame: HTMLIFrameElement): number =>
  Array.from({ length: window.length }, (_, at) => at).find(
    (at) => window[at] === frame.contentWindow,
  ) as number;

describe('the gate, at the frame,', () => {
  for (const [who, origin] of [
    ['of another origin', env.shop],
    ['of the very origin that is allowed', env.app],
    ['of its own origin', env.push],
  ] as const) {
    it(`drops an OFFER from a sibling frame ${who}`, async () => {
      const nonce = uniqueId();
      const frame = await openFrame(nonce);
      const sibling = await openAttacker(attackerUrl(origin));
      expect(await sibling.run(offerTo, [indexOf(frame)], offer(nonce), env.push)).to.deep.equal(
        [],
      );
      sibling.close();
      await expectStillOpen(frame, nonce);
    });
  }

  it('drops an OFFER from a frame around its parent, whatever its origin', async () => {
    const parent = await openAttacker(attackerUrl(env.app));
    const nonce = uniqueId();
    const path = [...[indexOf(document.querySelector('iframe') as HTMLIFrameElement)], 0];
    const answer = parent.run(
      (url: string, message: unknown) =>
        new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.src = url;
          document.documentElement.append(frame);
          addEventListener('message', ({ data, source }) => {
            if (source === frame.contentWindow && data.hadoken === 'HELLO')
              top?.postMessage('child said HELLO', '*');
            if (data !== 'now you') return;
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = (event) => resolve(event.data);
            frame.contentWindow?.postMessage(message, new URL(url).origin, [port2]);
          });
        }),
      `${frameUrl()}#${nonce}`,
      offer(nonce),
    );
    await new Promise<void>((resolve) => {
      addEventListener('message', ({ data }) => data === 'child said HELLO' && resolve());
    });
    const target = path.reduce((from: Window, at) => from[at] as Window, window);
    const { answers } = post(target, offer(nonce));
    parent.window.postMessage('now you', '*');
    expect(await answer).to.include({ hadoken: 'ACCEPT' });
    expect(answers).to.deep.equal([]);
    parent.close();
  });

  it('says nothing and takes nothing in a window of its own: an opener is no parent', async () => {
    const nonce = uniqueId();
    const said: unknown[] = [];
    const opened = window.open(`${frameUrl()}#${nonce}`);
    const onMessage = ({ source, data }: MessageEvent): void =>
      void (source === opened && said.push(data));
    addEventListener('message', onMessage);
    const tries: Answered[] = [];
    // Whether it has loaded can't be seen; and the window takes the focus, so that timers here are slow.
    for (let i = 0; i < 4; i++) {
      tries.push(post(opened, offer(nonce)));
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    removeEventListener('message', onMessage);
    opened?.close();
    expect(said).to.deep.equal([]);
    expect(tries.flatMap(({ answers }) => answers)).to.deep.equal([]);
  });

  const id = 'the-nonce';
  for (const [what, message, ports] of [
    ['another nonce', offer('another'), 1],
    ['no nonce', { hadoken: 'OFFER', versions: [2, 2] }, 1],
    ['a nonce that only looks equal', offer([id] as unknown as string), 1],
    ['no port', offer(id), 0],
    ['two ports', offer(id), 2],
    ['versions in the wrong order', { hadoken: 'OFFER', nonce: id, versions: [2, 1] }, 1],
    ['one version', { hadoken: 'OFFER', nonce: id, versions: [1] }, 1],
    ['no versions', { hadoken: 'OFFER', nonce: id }, 1],
    ['another tag', { hadoken: 'HELLO', nonce: id, versions: [2, 2] }, 1],
    ['text for a message', 'OFFER', 1],
    ['null for a message', null, 1],
  ] as const) {
    it(`drops an OFFER with ${what}`, async () => {
      const frame = await openFrame(id);
      const { answers } = post(frame.contentWindow, message, ports);
      await expectStillOpen(frame, id);
      expect(answers).to.deep.equal([]);
    });
  }

  it('says nothing where there is no nonce in the URL', async () => {
    const frame = document.createElement('iframe');
    const said: unknown[] = [];
    addEventListener(
      'message',
      ({ source, data }) => source === frame.contentWindow && said.push(data),
    );
    const loaded = new Promise((resolve) => {
      frame.onload = resolve;
    });
    frame.src = frameUrl();
    document.documentElement.append(frame);
    await loaded;
    await expectStillOpen(await openFrame('x'), 'x');
    expect(said).to.deep.equal([]);
    frame.remove();
  });

  it('takes one OFFER: the same again, from its own parent, is a replay', async () => {
    const nonce = uniqueId();
    const frame = await openFrame(nonce);
    const first = post(frame.contentWindow, offer(nonce));
    const second = post(frame.contentWindow, offer(nonce));
    await until(() => first.answers.length);
    first.port.postMessage({ id: '1', type: 'APPLY', path: ['ping'], argumentList: [] });
    const third = post(frame.contentWindow, offer(nonce));
    await until(() => first.answers.length === 2);
    expect([...second.answers, ...third.answers]).to.deep.equal([]);
    frame.remove();
  });

  it('believes no origin that a message claims', async () => {
    const attacker = await openAttacker(attackerUrl(env.shop));
    const claim = { origin: env.app, source: env.app, event: { origin: env.app } };
    const answer = await attacker.run(
      async (url: string, shake: typeof shakeByHand, offered: Record<string, unknown>) =>
        (await shake(url, { offer: offered })).answer,
      frameUrl(),
      shakeByHand,
      claim,
    );
    expect(answer).to.include({ hadoken: 'REFUSE', code: 'ORIGIN_REFUSED' });
    attacker.close();
  });

  it('starts a worker for the page it admits, and none for one that it refuses', async () => {
    const listener = await openAttacker(attackerUrl(env.push));
    await listener.run(() => {
      const channel = new BroadcastChannel('counted');
      const heard: unknown[] = [];
      channel.onmessage = ({ data }) => heard.push(data);
      Object.assign(globalThis, { heard });
    });
    const heard = (): Promise<unknown[]> =>
      listener.run(() => (globalThis as unknown as { heard: unknown[] }).heard);
    const refused = await openAttacker(attackerUrl(env.shop));
    const code = await refused.run(
      async (url: string, shake: typeof shakeByHand) => (await shake(url)).answer?.code,
      frameUrl('counted'),
      shakeByHand,
    );
    expect(code).to.equal('ORIGIN_REFUSED');
    const hadoken = connect(frameUrl('counted'));
    await hadoken.ready;
    expect(await until(async () => (await heard()).length && heard())).to.deep.equal([
      'a worker runs',
    ]);
    hadoken.close();
    refused.close();
    listener.close();
  });

  const isVersionRange = (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every(Number.isInteger) &&
    value[0] <= value[1];

  it(`lives through 2,000 messages of every clonable shape (seed ${env.seed})`, async function () {
    this.timeout(30_000);
    const nonce = uniqueId();
    const frame = await openFrame(nonce);
    const answers: unknown[] = [];
    const shapes = fc.oneof(
      fc.anything({
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withBigInt: true,
      }),
      fc.record(
        {
          hadoken: fc.constant('OFFER'),
          nonce: fc.constantFrom(nonce, ''),
          // An OFFER in which nothing is wrong would be answered, as it should.
          versions: fc.anything().filter((value) => !isVersionRange(value)),
        },
        { requiredKeys: [] },
      ),
    );
    for (const message of fc.sample(shapes, { numRuns: 2_000, seed: env.seed })) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => answers.push(data);
      try {
        frame.contentWindow?.postMessage(message, env.push, [port2]);
      } catch {
        // Not clonable: it can't be sent.
      }
    }
    // Behind all of those, and in the same queue.
    await expectStillOpen(frame, nonce, 25_000);
    expect(answers).to.deep.equal([]);
  });
});

describe('the handshake, at the page,', () => {
  const nonceOf = (url: string): string =>
    new URL((hiddenFrames(`[src^="${url}"]`)[0] as HTMLIFrameElement).src).hash.slice(1);

  const forge = (nonce: string): void => {
    for (const hadoken of ['HELLO', 'BYE', 'REFUSE'])
      parent.postMessage(
        { hadoken, nonce, versions: [2, 2], code: 'HOST_FAILED', message: 'forged' },
        '*',
      );
    for (let id = 0; id < 50; id++)
      parent.postMessage({ id: String(id), type: 'RAW', value: { value: 'forged' } }, '*');
  };

  for (const [who, origin] of [
    ['of another origin', env.shop],
    ['of the frame’s own origin', env.push],
    ['of the page’s own', env.app],
  ] as const) {
    it(`believes no HELLO, BYE, REFUSE or answer from a sibling ${who}, though it has the nonce`, async () => {
      const hadoken = connect(frameUrl('border'));
      const states: string[] = [];
      hadoken.on('statechange', (state) => states.push(state));
      await hadoken.ready;
      const sum = hadoken.service<{ add(a: number, b: number): number }>('probe').add(1, 2);
      const sibling = await openAttacker(attackerUrl(origin));
      await sibling.run(forge, nonceOf(frameUrl('border')));
      expect(await sum).to.equal(3);
      // What it posted came before what it answered.
      expect(states).to.deep.equal(['connected']);
      sibling.close();
      hadoken.close();
    });
  }

  /** What forger.html says while a client of `frame` tries once, and what the client says. */
  const connectToForger = async (frame: string): Promise<{ code: string; said: unknown[] }> => {
    const said: unknown[] = [];
    const onMessage = ({ data }: MessageEvent): void => void (data?.forged && said.push(data));
    addEventListener('message', onMessage);
    const hadoken = connect(frame, { timeout: 4_000, reconnectionAttempts: 0, log: 'silent' });
    const code = await hadoken.ready.catch((error) => error.code);
    removeEventListener('message', onMessage);
    hadoken.close();
    return { code, said };
  };

  it('makes no OFFER to another origin, though it speaks from the frame itself', async () => {
    const to = encodeURIComponent(`${env.shop}/pages/forger.html`);
    const { code, said } = await connectToForger(`${env.push}/api/redirect?to=${to}`);
    expect(code).to.equal('FRAME_TIMEOUT');
    expect(said).to.deep.equal([{ forged: 'said HELLO' }]);
  });

  it('lets no OFFER reach whoever comes after a frame that navigates between the steps', async () => {
    const { code, said } = await connectToForger(frameUrl('leaver'));
    // By the time its load is told, or by what the next document says: nothing that it offers is believed.
    expect(code).to.be.oneOf(['FRAME_LOST', 'FRAME_TIMEOUT']);
    expect(JSON.stringify(said)).not.to.contain('OFFER');
  });
});
