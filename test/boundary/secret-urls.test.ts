import { expect } from '@esm-bundle/chai';
import {
  connect,
  type FetchInit,
  type Hadoken,
  type HadokenError,
} from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl, requestLog, uniqueId } from '../support/env.ts';
import { next, sseUrl } from '../support/streams.ts';

const SECRET = /token/;

/** Everything that a Response shows but its body, and its clones too. */
function shows(response: Response): string {
  const all = [response, response.clone(), response.clone().clone()];
  return JSON.stringify(
    all.map(({ url, type, redirected, statusText, headers }) => [
      url,
      type,
      redirected,
      statusText,
      [...headers],
    ]),
  );
}

const tells = (error: Error): string => JSON.stringify([String(error), error.stack, { ...error }]);

describe('a token that onRequest puts into the URL', () => {
  let hadoken: Hadoken;
  before(async () => {
    hadoken = connect(frameUrl('sending+confined'), { log: 'silent' });
    await hadoken.ready;
  });
  after(() => hadoken.close());

  it('reaches the server', async () => {
    const id = uniqueId();
    await hadoken.fetch(`/api/bytes/10?hook=url&id=${id}`);
    expect((await requestLog(id))[0]?.url).to.contain('token=secret-token');
  });

  for (const [what, init] of [
    ['GET', {}],
    ['HEAD', { method: 'HEAD' }],
    ['POST', { method: 'POST', body: 'x' }],
    ['an upload with progress', { method: 'POST', body: 'x', onUploadProgress: () => {} }],
  ] as const) {
    it(`is not in the URL that the page sees (${what})`, async () => {
      const path = `/api/bytes/10?a=1&hook=url`;
      const response = await hadoken.fetch(`${path}#part`, init);
      expect(response.url).to.equal(`${env.push}${path}`);
      expect(shows(response)).not.to.match(SECRET);
      const remade = await hadoken.fetch(`${path}&remade`, init);
      expect(remade.url, 'of a Response by onResponse').to.equal(`${env.push}${path}&remade`);
      expect(shows(remade)).not.to.match(SECRET);
    });

    it(`is not in the URL where redirects have led (${what})`, async () => {
      const to = encodeURIComponent('/api/bytes/10?token=secret-token');
      for (const status of [302, 307]) {
        const response = await hadoken.fetch(
          `/api/redirect?hook=url&status=${status}&to=${to}`,
          init,
        );
        expect(response).to.include({ url: `${env.push}/api/bytes/10`, redirected: true });
        expect(shows(response)).not.to.match(SECRET);
      }
    });
  }

  it('is not in what an opaque redirect shows', async () => {
    const path = '/api/redirect?hook=url';
    const response = await hadoken.fetch(path, { redirect: 'manual' });
    expect([response.url, response.type]).to.deep.equal([`${env.push}${path}`, 'opaqueredirect']);
  });

  it('is not in errors', async () => {
    const init = { method: 'POST', body: 'x', onUploadProgress: () => {} };
    const integrity = `sha256-${'A'.repeat(43)}=`;
    const to = encodeURIComponent('/api/headers');
    const asked: [path: string, init?: FetchInit][] = [
      ['/api/reset?hook=url'],
      ['/api/reset?hook=url', init],
      ['/api/bytes/10?hook=url', { integrity }],
      [`/api/redirect?hook=url&to=${to}`],
      [`/api/redirect?hook=url&to=${to}`, { integrity }],
      [`/api/redirect?hook=url&status=307&to=${to}`, init],
      [`/api/redirect?hook=url&to=${to}`, { redirect: 'error' }],
    ];
    for (const [path, options] of asked)
      expect(tells(await rejection(hadoken.fetch(path, options)))).not.to.match(SECRET);
  });

  it('is not in what an EventSource shows', async () => {
    const url = sseUrl({ hook: 'url', body: 'data: 1\n\n' });
    const source = new hadoken.EventSource(url);
    const { origin, lastEventId } = await next(source);
    source.close();
    expect([source.url, origin, lastEventId]).to.deep.equal([url, env.push, '']);
    const refused = new hadoken.EventSource(sseUrl({ hook: 'url', to: '/api/bytes/10' }));
    const { error, message } = await next<ErrorEvent>(refused, 'error');
    expect(`${message} ${tells(error as HadokenError)}`).not.to.match(SECRET);
  });

  it('leaves the URL alone of a request that it was not put into', async () => {
    const to = encodeURIComponent('/api/bytes/10?a=1');
    for (const hook of ['none', 'header', 'anew', 'renewed']) {
      const response = await hadoken.fetch(`/api/redirect?hook=${hook}&to=${to}`);
      expect(response.url, hook).to.equal(`${env.push}/api/bytes/10?a=1`);
    }
  });
});
