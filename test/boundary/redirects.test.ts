import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, HadokenError } from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl, requestLog, uniqueId } from '../support/env.ts';
import { next, record, sseUrl } from '../support/streams.ts';

const STATUSES = [301, 302, 303, 307, 308];

/** A path that redirects to `to`, and what `sending.js` is to do with the request. */
function redirecting(
  to: string,
  query: Record<string, string | number> = {},
  path = '/api/redirect',
): string {
  const search = new URLSearchParams({ to });
  for (const [name, value] of Object.entries(query)) search.set(name, String(value));
  return `${path}?${search}`;
}

/** Where another origin would see what it gets; it lets any page send it and read it. */
const sink = (id: string): string => `${env.sink}/cors/api/echo?id=${id}`;

/** All that an error tells beside the URL that the page asked for, which names the target here. */
const tells = (error: Error): string =>
  JSON.stringify([String(error), error.stack, { ...error, url: '' }, String(error.cause)]);

describe('a redirect to another origin', () => {
  let hadoken: Hadoken;
  before(async () => {
    hadoken = connect(frameUrl('sending'), { log: 'silent' });
    await hadoken.ready;
  });
  after(() => hadoken.close());

  it('would be seen there, if it were followed', async () => {
    const id = uniqueId();
    await fetch(`${env.push}/cors${redirecting(sink(id))}`);
    expect((await requestLog(id)).map(({ method }) => method)).to.include('GET');
  });

  // Each hook under another status; all of them under `npm run test:long`.
  for (const [at, hook] of ['none', 'header', 'anew', 'renewed', 'no-cors'].entries())
    for (const status of env.isLong ? STATUSES : [STATUSES[at] as number])
      it(`by ${status} takes neither headers nor body along (hook: ${hook})`, async () => {
        const id = uniqueId();
        for (const [method, body] of [
          ['GET', null],
          ['POST', 'the body'],
        ] as const) {
          const asked = hadoken.fetch(redirecting(sink(id), { status, hook }), { method, body });
          const error = await rejection(asked);
          expect(error).to.be.instanceOf(TypeError).with.property('message', 'Failed to fetch');
          expect(tells(error)).not.to.contain('sink');
        }
        expect(await requestLog(id)).to.deep.equal([]);
      });

  for (const mode of ['cors', 'no-cors', 'same-origin'] as const)
    it(`takes nothing along in the page's mode ${mode}`, async () => {
      const id = uniqueId();
      const init = { mode, method: 'POST', body: 'the body' };
      await rejection(hadoken.fetch(redirecting(sink(id), { status: 307, hook: 'header' }), init));
      expect(await requestLog(id)).to.deep.equal([]);
    });

  it('takes nothing along after a hop on the own origin, with keepalive, or without cookies', async () => {
    const id = uniqueId();
    const to = redirecting(sink(id), { hook: 'header', n: 3 });
    await rejection(hadoken.fetch(to));
    await rejection(hadoken.fetch(to, { method: 'POST', keepalive: true, body: 'x' }));
    await rejection(hadoken.fetch(to, { credentials: 'omit' }));
    expect(await requestLog(id)).to.deep.equal([]);
  });

  for (const hook of ['none', 'header', 'anew', 'no-cors'])
    it(`gets nothing of an EventSource (hook: ${hook})`, async () => {
      const id = uniqueId();
      const source = new hadoken.EventSource(
        sseUrl({ to: `${env.sink}/streams/sse?id=${id}`, hook }),
      );
      const seen = record(source, ['open', 'message', 'error']);
      const event = await next<Event>(source, 'error');
      source.close();
      expect([seen, 'error' in event]).to.deep.equal([['error 0'], false]);
      expect(await requestLog(id)).to.deep.equal([]);
    });

  it('leaves a request that stays at home its headers, in every mode that a page may ask for', async () => {
    for (const mode of ['cors', 'no-cors', 'same-origin'] as const)
      for (const hook of ['header', 'anew', 'renewed']) {
        const { headers } = await (await hadoken.fetch(`/api/echo?hook=${hook}`, { mode })).json();
        expect(headers).to.include({
          'x-token': 'secret-token',
          'hadoken-origin': env.app,
          'sec-fetch-mode': 'same-origin',
        });
      }
  });

  it('leaves it its stamp, even if a hook makes a no-cors Request of it', async () => {
    const { headers } = await (await hadoken.fetch('/api/echo?hook=no-cors')).json();
    expect(headers).to.include({ 'hadoken-origin': env.app, 'sec-fetch-mode': 'same-origin' });
  });

  for (const hook of ['elsewhere', 'nothing'])
    it(`is what a hook can’t make of a request either (hook: ${hook})`, async () => {
      const id = uniqueId();
      const error = await rejection(hadoken.fetch(`/api/echo?hook=${hook}&id=${id}`));
      expect(error).to.be.instanceOf(HadokenError).with.property('code', 'HOST_FAILED');
      expect(error.message).to.contain('onRequest');
      expect(tells(error)).not.to.match(/sink|secret-token/);
      expect(await requestLog(id)).to.deep.equal([]);
    });
});

describe('a redirect outside the rules', () => {
  let hadoken: Hadoken;
  before(async () => {
    hadoken = connect(frameUrl('sending'), { log: 'silent' });
    await hadoken.ready;
  });
  after(() => hadoken.close());

  /** Says which request it was, and nothing more. */
  async function expectWithheld(
    asked: Promise<Response>,
    method: string,
    path: string,
  ): Promise<void> {
    const error = await rejection(asked);
    expect(error).to.be.instanceOf(HadokenError).with.property('code', 'POLICY_REFUSED');
    expect(error.message).to.equal(
      `${method} ${env.push}${path}: a redirect led outside the rules. The frame's console says where.`,
    );
  }

  for (const [what, to] of [
    ['a forbidden path', '/api/status/200'],
    ['a forbidden path with a signature', '/api/headers?signature=presigned'],
    ['a path that can be read in two ways', '/api/cached/%2e%2e%2fcookie'],
    ['a path that is not there', '/nowhere/presigned'],
    ['a path under another mode of credentials', '/api/cookie'],
    ['a path whose answers are private', '/api/slow?ms=1'],
  ] as const)
    it(`to ${what} says no more than that`, async () => {
      // The page knows where it asked to be sent: in life, the server chooses.
      const path = redirecting(to);
      await expectWithheld(hadoken.fetch(path), 'GET', path);
      await expectWithheld(hadoken.fetch(path, { method: 'HEAD' }), 'HEAD', path);
      const post = redirecting(to, { status: 307 });
      await expectWithheld(hadoken.fetch(post, { method: 'POST', body: 'x' }), 'POST', post);
      const get = redirecting(to, { status: 303 });
      await expectWithheld(hadoken.fetch(get, { method: 'POST', body: 'x' }), 'POST', get);
    });

  it('is none where what was sent is as strict as the path asks for', async () => {
    const omitted = await hadoken.fetch(redirecting('/api/cookie'), { credentials: 'omit' });
    expect(await omitted.json()).to.deep.equal({ cookies: '' });
    const private_ = await hadoken.fetch(redirecting('/api/slow?ms=1'), { cache: 'no-store' });
    expect(private_.redirected).to.equal(true);
  });

  it('is judged with the headers that the request has', async () => {
    const path = redirecting('/api/echo');
    await expectWithheld(hadoken.fetch(path, { headers: { 'x-other': '1' } }), 'GET', path);
    const post = redirecting('/api/echo', { status: 303 });
    const headers = { 'x-other': '1', 'content-type': 'text/x' };
    await expectWithheld(hadoken.fetch(post, { method: 'POST', body: 'x', headers }), 'POST', post);
    const allowed = { 'x-allowed': '1', 'content-type': 'text/x' };
    expect((await hadoken.fetch(path, { headers: allowed })).status).to.equal(200);
    expect(
      (await hadoken.fetch(post, { method: 'POST', body: 'x', headers: allowed })).status,
    ).to.equal(200);
  });

  it('of an EventSource says no more than that', async () => {
    for (const to of ['/api/echo?signature=presigned', '/streams/other/presigned']) {
      const url = sseUrl({ to });
      const source = new hadoken.EventSource(url);
      const { error, message } = await next<ErrorEvent>(source, 'error');
      expect(error).to.be.instanceOf(HadokenError).with.property('code', 'POLICY_REFUSED');
      expect(message).to.equal(
        `EventSource ${url}: a redirect led outside the rules. The frame's console says where.`,
      );
      expect([source.url, source.readyState]).to.deep.equal([url, 2]);
    }
  });

  it('shows the same error whether the content is what integrity says or not', async () => {
    const content = new TextEncoder().encode('status 200');
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
    const right = `sha256-${btoa(String.fromCharCode(...hash))}`;
    const wrong = `sha256-${'A'.repeat(43)}=`;
    const shown = async (to: string, integrity: string): Promise<unknown> => {
      const told: unknown[] = [];
      const onDownloadProgress = (progress: unknown): void => void told.push(progress);
      const error = await rejection(
        hadoken.fetch(redirecting(to), { integrity, onDownloadProgress }),
      );
      const { name, message, code, stack } = error;
      return { name, message, code, hasStack: !!stack, keys: Object.keys(error), told };
    };
    const expected = await shown('/api/status/200', wrong);
    expect(expected).to.include({ name: 'TypeError', message: 'Failed to fetch' });
    expect(await shown('/api/status/200', right)).to.deep.equal(expected);
    expect(await shown('/api/status/404', right), 'nothing there').to.deep.equal(expected);
    expect(await shown('/api/reset', right), 'no answer').to.deep.equal(expected);
    expect(await shown('/api/bytes/10', wrong), 'an allowed path').to.deep.equal(expected);
  });
});

describe('a rule that says redirect: error', () => {
  let hadoken: Hadoken;
  before(async () => {
    hadoken = connect(frameUrl('sending'), { log: 'silent' });
    await hadoken.ready;
  });
  after(() => hadoken.close());
  const ONCE = '/api/redirect/once';

  it('is for what it is not: elsewhere the request has been made when its answer is withheld', async () => {
    const id = uniqueId();
    const path = redirecting(`/api/status/200?id=${id}`, { status: 307 });
    await rejection(hadoken.fetch(path, { method: 'POST', body: 'x' }));
    expect((await requestLog(id)).map(({ method }) => method)).to.deep.equal(['POST']);
  });

  for (const status of STATUSES)
    for (const hook of ['none', 'header', 'anew', 'loose'])
      it(`lets no request follow a ${status} (hook: ${hook})`, async () => {
        const id = uniqueId();
        for (const to of [`/api/status/200?id=${id}`, `/api/echo?id=${id}`])
          for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
            const path = redirecting(to, { status, hook }, ONCE);
            const body = method === 'POST' || method === 'PUT' ? 'x' : null;
            const error = await rejection(hadoken.fetch(path, { method, body }));
            expect(error).to.be.instanceOf(TypeError).with.property('message', 'Failed to fetch');
          }
        expect(await requestLog(id)).to.deep.equal([]);
      });

  it('holds for an upload with progress', async () => {
    const id = uniqueId();
    const path = redirecting(`/api/echo?id=${id}`, { status: 307 }, ONCE);
    const init = { method: 'POST', body: 'x', onUploadProgress: () => {} };
    expect(await rejection(hadoken.fetch(path, init))).to.have.property(
      'message',
      'Failed to fetch',
    );
    expect(await requestLog(id)).to.deep.equal([]);
  });

  it('leaves the page its own manual and error', async () => {
    const path = redirecting('/api/echo', {}, ONCE);
    const manual = await hadoken.fetch(path, { redirect: 'manual' });
    expect([manual.type, manual.status]).to.deep.equal(['opaqueredirect', 0]);
    expect(await rejection(hadoken.fetch(path, { redirect: 'error' }))).to.be.instanceOf(TypeError);
    // And where the rule says nothing.
    const free = redirecting('/api/echo', { hook: 'anew' });
    expect((await hadoken.fetch(free, { redirect: 'manual' })).type).to.equal('opaqueredirect');
  });
});
