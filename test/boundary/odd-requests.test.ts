import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { openByHand } from '../support/by-hand.ts';
import { env, frameUrl, requestLog, uniqueId } from '../support/env.ts';

describe('over the real frame', () => {
  it('a keepalive stream of 1 MB is refused as a keepalive text is', async () => {
    const hadoken = connect(frameUrl('default'), { log: 'silent' });
    const upload = async (body: BodyInit): Promise<string> => {
      try {
        const init = { method: 'POST', body, keepalive: true, duplex: 'half' };
        return JSON.stringify(await (await hadoken.fetch('/api/upload', init as never)).json());
      } catch (error) {
        return `${error}`;
      }
    };
    expect(await upload('a'.repeat(1_000_000))).to.contain('TypeError');
    const stream = await upload(new Blob([new Uint8Array(1_000_000)]).stream() as never);
    hadoken.close();
    expect(stream).not.to.contain('"bytes":1000000');
  });

  // It fails in the engine all the same: nothing is sent.
  for (const scheme of ['filesystem', 'jar'])
    it(`${scheme}: is refused by the rules, not by the engine`, async () => {
      const page = await openByHand('default');
      const id = uniqueId();
      for (const url of [
        `${scheme}:${env.push}/temporary/a?id=${id}`,
        `${scheme}:${env.push}/api/echo?id=${id}!/b`,
      ])
        for (const method of ['GET', 'POST']) {
          expect((await page.fetch({ url, method })).error?.code).to.equal('POLICY_REFUSED');
          expect((await requestLog(id)).length).to.equal(0);
        }
      const error = await Promise.race([
        page.stream('eventSource', `${scheme}:${env.push}/temporary/a?id=${id}`),
        new Promise<undefined>((resolve) => setTimeout(resolve, 1_000)),
      ]);
      page.close();
      expect(error?.code).to.equal('POLICY_REFUSED');
    });
});
