import { expect } from '@esm-bundle/chai';
import ky, { HTTPError, type KyInstance, TimeoutError } from 'ky';
import { connect, type Hadoken, type HadokenError } from '../../../src/parent/index.ts';
import { rejection } from '../../support/bare-host.ts';
import { env, frameUrl, requestLog, uniqueId, until } from '../../support/env.ts';

type Echo = { method: string; headers: Record<string, string>; body: string; length: number };

describe('ky over hadoken.fetch', () => {
  let hadoken: Hadoken;
  let api: KyInstance;
  before(() => {
    hadoken = connect(frameUrl());
    api = ky.create({ prefix: `${env.push}/api`, fetch: hadoken.fetch, retry: 0 });
  });
  after(() => hadoken.close());

  it('parses JSON by the page’s own function', async () => {
    const parsing = api.extend({ parseJson: (text) => ({ parsed: JSON.parse(text).method }) });
    expect(await parsing.get('echo').json()).to.deep.equal({ parsed: 'GET' });
  });

  it('gets JSON, with a query and headers', async () => {
    const seen = await api
      .get('echo', { searchParams: { a: 'ü' }, headers: { 'x-a': '1' } })
      .json<Echo & { url: string }>();
    expect(seen).to.include({ method: 'GET', url: '/api/echo?a=%C3%BC' });
    expect(seen.headers).to.include({
      'x-a': '1',
      'hadoken-origin': env.app,
      'sec-fetch-site': 'same-origin',
    });
  });

  it('sends JSON, forms and files', async () => {
    const json = await api.post('echo', { json: { a: 1 } }).json<Echo>();
    expect([json.headers['content-type'], atob(json.body)]).to.deep.equal([
      'application/json',
      '{"a":1}',
    ]);
    const params = await api.put('echo', { body: new URLSearchParams({ a: '1' }) }).json<Echo>();
    expect(atob(params.body)).to.equal('a=1');
    const form = new FormData();
    form.append('a', '1');
    const sent = await api.post('echo', { body: form }).json<Echo>();
    const boundary = /boundary=(.+)/.exec(sent.headers['content-type'] ?? '')?.[1] ?? 'none';
    expect(atob(sent.body)).to.contain(`--${boundary}--`).and.contain('name="a"\r\n\r\n1\r\n');
    const file = new File([new Uint8Array(2_000_000)], 'a.bin');
    expect(await api.post('upload', { body: file }).json()).to.include({ bytes: 2_000_000 });
  });

  it('tells errors with their bodies', async () => {
    const error = (await rejection(api.get('echo?status=422').json())) as HTTPError<Echo>;
    expect(error).to.be.instanceOf(HTTPError);
    expect(error.response).to.include({ status: 422, url: `${env.push}/api/echo?status=422` });
    expect(error.data).to.include({ method: 'GET' });
  });

  it('retries', async () => {
    const id = uniqueId();
    const retry = { limit: 3, delay: () => 10 };
    expect(await api.get(`flaky?id=${id}&fails=2`, { retry }).json()).to.deep.equal({
      failing: false,
    });
    expect(await requestLog(id)).to.have.length(3);
    const put = uniqueId();
    expect(await api.put(`flaky?id=${put}`, { retry, json: { a: 1 } }).json()).to.deep.equal({
      failing: false,
    });
  });

  it('retries what the network failed', async () => {
    let tries = 0;
    const flaky = ky.create({
      prefix: `${env.push}/api`,
      retry: { limit: 1, delay: () => 10 },
      fetch: (input, init) => hadoken.fetch(tries++ === 0 ? `${env.push}/api/reset` : input, init),
    });
    expect((await flaky.get('bytes/10').arrayBuffer()).byteLength).to.equal(10);
    expect(tries).to.equal(2);
  });

  it('times out, and the server sees it', async () => {
    const id = uniqueId();
    expect(await rejection(api.get(`hang?id=${id}`, { timeout: 6_000 }))).to.be.instanceOf(
      TimeoutError,
    );
    await until(async () => (await requestLog(id))[0]?.aborted);
  });

  it('aborts with the signal’s reason', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new RangeError('mine')), 100);
    expect(await rejection(api.get('hang', { signal: controller.signal }))).to.be.instanceOf(
      RangeError,
    );
  });

  it('runs its hooks', async () => {
    const seen: number[] = [];
    const hooked = api.extend({
      hooks: {
        beforeRequest: [({ request }) => request.headers.set('x-hook', '1')],
        afterResponse: [({ response }) => void seen.push(response.status)],
      },
    });
    expect((await hooked.get('echo').json<Echo>()).headers['x-hook']).to.equal('1');
    expect(seen).to.deep.equal([200]);
  });

  it('tells download progress', async () => {
    let last = { percent: 0, transferredBytes: 0, totalBytes: 0 };
    await api
      .get('bytes/500000', { onDownloadProgress: (progress) => (last = progress) })
      .arrayBuffer();
    expect(last).to.deep.equal({ percent: 1, transferredBytes: 500_000, totalBytes: 500_000 });
  });

  it('passes a refusal on', async () => {
    const error = (await rejection(
      ky.get(`${env.shop}/`, { fetch: hadoken.fetch, retry: 0 }),
    )) as HadokenError;
    const cause = (error.cause ?? error) as HadokenError;
    expect(cause.code).to.equal('POLICY_REFUSED');
  });
});
