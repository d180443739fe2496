import { expect } from '@esm-bundle/chai';
import { connect, type FetchInit, type Hadoken } from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl } from '../support/env.ts';

/**
 * The hooks of `sending.js` that return a Request: by a URL alone, and by the one that they were
 * given.
 */
const HOOKS = ['none', 'header', 'anew', 'no-cors', 'renewed', 'loose'];

for (const hook of HOOKS)
  describe(`a request, with the hook ${hook}`, () => {
    let hadoken: Hadoken;
    before(async () => {
      hadoken = connect(frameUrl('sending'), { log: 'silent' });
      await hadoken.ready;
    });
    after(() => hadoken.close());

    const headersOf = async (init: FetchInit): Promise<Record<string, string>> =>
      (await (await hadoken.fetch(`/api/echo?hook=${hook}`, init)).json()).headers;

    it('keeps its referrer and its policy', async () => {
      const file = env.isPacked ? 'frame.packed.js' : 'frame.js';
      const frame = frameUrl('sending').replace('frame.html', file);
      expect((await headersOf({})).referer).to.equal(frame);
      expect((await headersOf({ referrerPolicy: 'origin' })).referer).to.equal(`${env.push}/`);
      expect((await headersOf({ referrer: '/own/path' })).referer).to.equal(`${env.push}/own/path`);
      for (const init of [{ referrerPolicy: 'no-referrer' }, { referrer: '' }] as const)
        expect(await headersOf(init)).not.to.have.property('referer');
    });

    it('keeps the credentials that the rule says, and leaves out those that the page does', async () => {
      const cookies = async (path: string, init: FetchInit = {}): Promise<string> =>
        (await (await hadoken.fetch(`${path}hook=${hook}`, init)).json()).cookies;
      // Set by an answer to a request that had no rule against it.
      await hadoken.fetch('/api/echo?header=set-cookie:kept=1;Path=/');
      expect((await headersOf({})).cookie).to.contain('kept=1');
      expect(await cookies('/api/cookie?')).to.equal('');
      expect(await cookies('/api/cookie?', { credentials: 'include' })).to.equal('');
      expect(await headersOf({ credentials: 'omit' })).not.to.have.property('cookie');
    });

    it('keeps its integrity', async () => {
      const integrity = `sha256-${'A'.repeat(43)}=`;
      const error = await rejection(hadoken.fetch(`/api/bytes/10?hook=${hook}`, { integrity }));
      expect(error).to.be.instanceOf(TypeError);
    });

    it('keeps its redirect mode', async () => {
      const path = `/api/redirect?hook=${hook}`;
      expect((await hadoken.fetch(path, { redirect: 'manual' })).type).to.equal('opaqueredirect');
      expect(await rejection(hadoken.fetch(path, { redirect: 'error' }))).to.be.instanceOf(
        TypeError,
      );
      expect((await hadoken.fetch(path)).redirected).to.equal(true);
    });

    it('keeps its body, its method and its signal', async () => {
      const sent = await (
        await hadoken.fetch(`/api/echo?hook=${hook}`, { method: 'POST', body: 'the body' })
      ).json();
      // A no-cors Request takes no other headers; the method and the body are the hook's to pass
      // on.
      expect([sent.method, atob(sent.body)]).to.deep.equal(['POST', 'the body']);
      const controller = new AbortController();
      const asked = rejection(
        hadoken.fetch(`/api/slow?ms=20000&hook=${hook}`, { signal: controller.signal }),
      );
      const reason = new RangeError('enough');
      setTimeout(() => controller.abort(reason), 50);
      expect(await asked).to.equal(reason);
    });

    it('keeps the stamp of its page', async () => {
      expect((await headersOf({}))['hadoken-origin']).to.equal(env.app);
    });
  });
