import { expect } from '@esm-bundle/chai';
import axios, { type AxiosError, type AxiosInstance, isAxiosError, isCancel } from 'axios';
import { connect, type Hadoken } from '../../../src/parent/index.ts';
import { rejection } from '../../support/bare-host.ts';
import { env, frameUrl, requestLog, uniqueId, until } from '../../support/env.ts';

describe('axios over hadoken.fetch', () => {
  let hadoken: Hadoken;
  let api: AxiosInstance;
  before(() => {
    hadoken = connect(frameUrl());
    api = axios.create({
      baseURL: `${env.push}/api`,
      adapter: 'fetch',
      env: { fetch: hadoken.fetch },
    });
  });
  after(() => hadoken.close());

  it('gets JSON, with parameters and headers', async () => {
    const { data, status, statusText, headers } = await api.get('/echo', {
      params: { a: 1 },
      headers: { 'x-a': '1' },
    });
    expect(data).to.include({ method: 'GET', url: '/api/echo?a=1' });
    expect(data.headers).to.include({
      'x-a': '1',
      'hadoken-origin': env.app,
      'sec-fetch-site': 'same-origin',
    });
    expect([status, statusText, headers['content-type']]).to.deep.equal([
      200,
      'OK',
      'application/json',
    ]);
  });

  it('sends JSON, parameters and files', async () => {
    const json = (await api.post('/echo', { a: 1 })).data;
    expect([json.headers['content-type'], atob(json.body)]).to.deep.equal([
      'application/json',
      '{"a":1}',
    ]);
    const params = (await api.put('/echo', new URLSearchParams({ a: '1' }))).data;
    expect(atob(params.body)).to.equal('a=1');
    const form = (await api.postForm('/echo', { a: '1' })).data;
    expect(form.headers['content-type']).to.match(/^multipart\/form-data; boundary=/);
    expect(atob(form.body)).to.contain('name="a"\r\n\r\n1\r\n');
    const file = new Blob([new Uint8Array(2_000_000)]);
    expect((await api.post('/upload', file)).data).to.include({ bytes: 2_000_000 });
  });

  it('gives what kind of answer was asked for', async () => {
    const get = async (responseType: 'arraybuffer' | 'blob' | 'text' | 'stream') =>
      (await api.get('/bytes/1000', { responseType })).data;
    expect(await get('arraybuffer'))
      .to.be.instanceOf(ArrayBuffer)
      .with.property('byteLength', 1_000);
    expect(await get('blob'))
      .to.be.instanceOf(Blob)
      .with.property('size', 1_000);
    expect(await get('stream')).to.be.instanceOf(ReadableStream);
    expect(await get('text')).to.be.a('string');
  });

  it('runs its interceptors', async () => {
    const own = axios.create(api.defaults as object);
    own.interceptors.request.use((config) => {
      config.headers.set('x-token', 'secret');
      return config;
    });
    own.interceptors.response.use(({ data }) => data.headers['x-token']);
    expect(await own.get('/echo')).to.equal('secret');
  });

  it('retries from an interceptor', async () => {
    const id = uniqueId();
    const own = axios.create(api.defaults as object);
    own.interceptors.response.use(undefined, (error: AxiosError) => {
      if (error.response?.status !== 503 || !error.config) throw error;
      return own.request(error.config);
    });
    expect((await own.post(`/flaky?id=${id}&fails=2`, { a: 1 })).data).to.deep.equal({
      failing: false,
    });
    expect(await requestLog(id)).to.have.length(3);
  });

  it('tells errors with their bodies', async () => {
    const error = (await rejection(api.get('/echo?status=422'))) as AxiosError<{ method: string }>;
    expect(isAxiosError(error) && error.code).to.equal('ERR_BAD_REQUEST');
    expect(error.response?.status).to.equal(422);
    expect(error.response?.data).to.include({ method: 'GET' });
    expect(await rejection(api.get('/reset'))).to.include({ code: 'ERR_NETWORK' });
  });

  it('times out, and the server sees it', async () => {
    const id = uniqueId();
    const error = await rejection(api.get(`/hang?id=${id}`, { timeout: 6_000 }));
    expect(error.code).to.be.oneOf(['ECONNABORTED', 'ETIMEDOUT']);
    await until(async () => (await requestLog(id))[0]?.aborted);
  });

  it('cancels', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    expect(isCancel(await rejection(api.get('/hang', { signal: controller.signal })))).to.equal(
      true,
    );
  });

  it('tells download progress', async () => {
    let last: { loaded: number; total?: number } = { loaded: 0 };
    await api.get('/bytes/500000', {
      responseType: 'arraybuffer',
      onDownloadProgress: (progress) => (last = progress),
    });
    await until(() => last.loaded === 500_000);
    expect(last.total).to.equal(500_000);
  });
});
