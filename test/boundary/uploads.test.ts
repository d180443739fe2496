import { expect } from '@esm-bundle/chai';
import { connect, type FetchInit, type Hadoken } from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl, requestLog, uniqueId } from '../support/env.ts';

const TEXT = 'x'.repeat(100_000);
const sink = (id: string): string => encodeURIComponent(`${env.sink}/cors/api/echo?id=${id}`);

/** Uploads to `path` with progress. */
async function upload(
  hadoken: Hadoken,
  path: string,
  init: FetchInit = {},
): Promise<{ response: Response; told: number[] }> {
  const told: number[] = [];
  const onUploadProgress = ({ loaded }: { loaded: number }): void => void told.push(loaded);
  const response = await hadoken.fetch(path, {
    method: 'POST',
    body: TEXT,
    onUploadProgress,
    ...init,
  });
  return { response, told };
}

const HOOKS = ['none', 'header', 'anew', 'renewed', 'url'];
const STATUSES = [301, 302, 303, 307, 308];
/** Each host with each hook under another status; all of them under `npm run test:long`. */
const statusesOf = (host: number, hook: number): number[] =>
  env.isLong ? STATUSES : [STATUSES[(host + hook) % STATUSES.length] as number];

/**
 * By the Content-Security-Policy of the frame's files: whether XMLHttpRequest may carry what a hook
 * has put in.
 */
const hosts: [host: string, where: 'worker' | 'window', isConfined: boolean][] = [
  ['sending', 'worker', false],
  ['sending+loose', 'worker', false],
  ['sending+confined', 'worker', true],
  ['sending+confined-window', 'window', true],
];

for (const [hostIndex, [host, where, isConfined]] of hosts.entries())
  describe(`an upload with progress (${host})`, () => {
    let hadoken: Hadoken;
    before(async () => {
      hadoken = connect(frameUrl(host), { log: 'silent' });
      await hadoken.ready;
    });
    after(() => hadoken.close());

    it(`runs in the ${where}`, async () => {
      const probe = hadoken.service<{ where(): string }>('probe');
      expect(await probe.where()).to.equal(where);
    });

    for (const [hookIndex, hook] of HOOKS.entries()) {
      it(`arrives whole, with what the hook has put in (hook: ${hook})`, async () => {
        const id = uniqueId();
        const { response, told } = await upload(hadoken, `/api/echo?hook=${hook}&id=${id}`);
        const { length, headers, url } = await response.json();
        expect([length, headers['hadoken-origin']]).to.deep.equal([TEXT.length, env.app]);
        if (hook === 'url') expect(url).to.contain('token=secret-token');
        else expect(headers['x-token']).to.equal(hook === 'none' ? undefined : 'secret-token');
        const isTold = hook === 'none' || isConfined;
        expect(told.at(-1), 'bytes that have left').to.equal(isTold ? TEXT.length : undefined);
        expect(await requestLog(id), 'it is made once').to.have.length(1);
      });

      for (const status of statusesOf(hostIndex, hookIndex))
        it(`takes nothing of the hook to another origin by ${status} (hook: ${hook})`, async () => {
          const id = uniqueId();
          const path = `/api/redirect?hook=${hook}&status=${status}&to=${sink(id)}`;
          const error = await rejection(upload(hadoken, path));
          expect(error).to.be.instanceOf(TypeError);
          const seen = await requestLog(id);
          expect(JSON.stringify(seen)).not.to.contain('token');
          if (hook !== 'none' || isConfined) expect(seen).to.deep.equal([]);
        });
    }

    it('with files in a form arrives whole', async () => {
      for (const hook of ['none', 'header']) {
        const body = new FormData();
        body.append('file', new File([TEXT], 'x.txt'));
        const { response } = await upload(hadoken, `/api/upload?hook=${hook}`, { body });
        const { bytes, type } = await response.json();
        expect(bytes).to.be.above(TEXT.length);
        expect(type).to.match(/^multipart\/form-data; ?boundary=/);
      }
    });

    for (const hook of ['none', 'header']) {
      it(`is judged where redirects have led (hook: ${hook})`, async () => {
        for (const status of [302, 303, 307]) {
          const forbidden = `/api/redirect?hook=${hook}&status=${status}&to=/api/headers%3Fsignature`;
          const error = await rejection(upload(hadoken, forbidden));
          expect(error).to.include({
            code: 'POLICY_REFUSED',
            message: `POST ${env.push}${forbidden}: a redirect led outside the rules. The frame's console says where.`,
          });
          const allowed = `/api/redirect?hook=${hook}&status=${status}&to=/api/echo%3Fa=1`;
          const { response } = await upload(hadoken, allowed);
          expect(response).to.include({ url: `${env.push}/api/echo?a=1`, redirected: true });
        }
      });
    }

    it('keeps to the referrer and the cache mode that only fetch can send', async () => {
      for (const init of [{ referrerPolicy: 'no-referrer' }, { referrer: '' }] as FetchInit[]) {
        const { response } = await upload(hadoken, '/api/echo', init);
        expect((await response.json()).headers).not.to.have.property('referer');
      }
    });
  });
