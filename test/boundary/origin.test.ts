import { expect } from '@esm-bundle/chai';
import { connect, type HadokenError } from '../../src/parent/index.ts';
import { type AttackerPage, attackerUrl, openAttacker, shakeByHand } from '../support/attacker.ts';
import { env, frameUrl, requestLog, uniqueId } from '../support/env.ts';

const { hostname, port } = new URL(env.app);
const at = (host: string, itsPort = port): string => `http://${host}:${itsPort}`;

/** Real pages whose origin is not the app's, each wrong in one part. The runner's server answers to any name. */
const wrongOrigins: Record<string, string> = {
  'on another site': env.other,
  'on a sibling subdomain': env.shop,
  'on another port of the same host': at(hostname, new URL(env.shop).port),
  'whose host has the right one as its suffix': at(`evil-${hostname}`),
  'on a subdomain of the right host': at(`evil.${hostname}`),
  'whose host has the right one as its prefix': at(`${hostname}.evil.localhost`),
  'on the parent domain': at(hostname.slice(hostname.indexOf('.') + 1)),
  'whose host looks the same in Cyrillic': at(hostname.replace('app', 'аpp')),
  'on an address instead of a name': at('127.0.0.1'),
};

/** What an attacker gets with the handshake by hand, and what the client of ours tells it. */
const attack = async (
  url: string,
  script: string,
  shake: typeof shakeByHand,
  id: string,
): Promise<unknown> => {
  const { answer, port, frame } = await shake(url, { target: '*' });
  // Not taking no for an answer.
  port.postMessage({ id: '1', type: 'APPLY', path: ['ping'], argumentList: [] });
  const request = {
    url: new URL(`/api/echo?id=${id}`, url).href,
    method: 'GET',
    headers: [],
    init: {},
  };
  const { port2 } = new MessageChannel();
  port.postMessage(
    {
      id: '2',
      type: 'APPLY',
      path: ['fetch'],
      argumentList: [
        { type: 'RAW', value: request },
        { type: 'RAW', value: port2 },
      ],
    },
    [port2],
  );
  frame.remove();
  const tag = document.createElement('script');
  await new Promise((resolve, reject) => {
    tag.onload = resolve;
    tag.onerror = reject;
    tag.src = script;
    tag.dataset.manual = '';
    document.head.append(tag);
  });
  const { hadoken } = globalThis as unknown as { hadoken: { connect: typeof connect } };
  const client = hadoken.connect(url, { timeout: 5_000, reconnectionAttempts: 0 });
  const error = await client.ready.catch((reason: HadokenError) => reason);
  return {
    origin: location.origin,
    answer,
    client: {
      code: (error as HadokenError).code,
      message: (error as HadokenError).message,
      state: client.state,
    },
  };
};

type Found = {
  origin: string;
  answer: { hadoken: string; code: string; config?: unknown } | undefined;
  client: { code: string; message: string; state: string };
};

/** `code` is what the client of ours tells: in a sandbox the frame is in it too, and no longer on its own origin. */
async function expectRefused(
  page: AttackerPage,
  origin?: string,
  code = 'ORIGIN_REFUSED',
): Promise<void> {
  const id = uniqueId();
  const found = await page.run<Found>(
    attack,
    frameUrl(),
    `${env.push}/hadoken/hadoken.js`,
    shakeByHand,
    id,
  );
  if (origin) expect(found.origin).to.equal(origin);
  expect(found.answer).to.include({ hadoken: 'REFUSE', code: 'ORIGIN_REFUSED' });
  expect(found.answer).not.to.have.property('config');
  expect(found.client).to.include({ code, state: 'failed' });
  expect(await requestLog(id)).to.deep.equal([]);
  page.close();
}

describe('the gate asks the browser whose page it is', () => {
  it('and lets the right one in', async () => {
    const { answer, frame } = await shakeByHand(frameUrl());
    expect(answer).to.include({ hadoken: 'ACCEPT' });
    frame.remove();
    const hadoken = connect(frameUrl());
    await hadoken.ready;
    hadoken.close();
  });

  for (const [what, origin] of Object.entries(wrongOrigins)) {
    it(`and refuses a page ${what}`, async () => {
      await expectRefused(await openAttacker(attackerUrl(origin)), new URL(origin).origin);
    });
  }

  it('and refuses a page in a window of its own as well', async () => {
    await expectRefused(await openAttacker(attackerUrl(env.shop), { as: 'window' }), env.shop);
  });

  it('and refuses a sandboxed page of the right origin: it is null', async () => {
    await expectRefused(
      await openAttacker(attackerUrl(env.app), { sandbox: 'allow-scripts' }),
      undefined,
      'FRAME_TIMEOUT',
    );
  });

  it('and refuses a data: page', async () => {
    const html = await (await fetch(attackerUrl(env.app))).text();
    await expectRefused(await openAttacker(`data:text/html,${encodeURIComponent(html)}`));
  });

  it('and refuses about:srcdoc in a sandbox', async () => {
    const srcdoc = await (await fetch(attackerUrl(env.app))).text();
    await expectRefused(
      await openAttacker('', { srcdoc, sandbox: 'allow-scripts' }),
      undefined,
      'FRAME_TIMEOUT',
    );
  });

  it('but takes about:srcdoc without one for what it is: the app’s own', async () => {
    const srcdoc = await (await fetch(attackerUrl(env.app))).text();
    const page = await openAttacker('', { srcdoc });
    const answer = await page.run(
      async (url: string, shake: typeof shakeByHand) => (await shake(url)).answer,
      frameUrl(),
      shakeByHand,
    );
    expect(answer).to.include({ hadoken: 'ACCEPT' });
    page.close();
  });
});
