/** What an upload with progress is answered with comes as the server sends it, byte for byte. */
import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl, requestLog, uniqueId, until } from '../support/env.ts';

type Asked = { text: string; id?: string } & Record<string, string>;

describe('the answer to an upload with progress', () => {
  let hadoken: Hadoken;
  before(async () => {
    hadoken = connect(frameUrl());
    await hadoken.ready;
  });
  after(() => hadoken.close());

  const pathOf = (asked: Asked): string => `/api/tokens?${new URLSearchParams(asked)}`;
  const ask = (asked: Asked, more: RequestInit = {}): Promise<Response> =>
    hadoken.fetch(pathOf(asked), {
      method: 'POST',
      body: 'x'.repeat(100_000),
      onUploadProgress: () => {},
      ...more,
    });
  const goOn = (id: string): Promise<Response> => fetch(`${env.push}/cors/api/go-on?id=${id}`);
  const textOf = (bytes: Uint8Array | undefined): string =>
    new TextDecoder().decode(bytes as Uint8Array<ArrayBuffer> | undefined);

  const answers: Record<string, Record<string, string>> = {
    'events of a stream': {},
    'JSON, line by line': { type: 'application/x-ndjson' },
    'a type of its own': { type: 'application/vnd.own' },
    // Not of text/plain, the beginning of which Chromium keeps to guess its type, as for a fetch.
    'a known length': { length: '', type: 'application/json' },
    'what is compressed': { gzip: '' },
  };
  for (const [what, more] of Object.entries(answers))
    it(`comes while the server is still at it: ${what}`, async () => {
      const id = uniqueId();
      const told: number[] = [];
      const response = await hadoken.fetch(pathOf({ text: 'one, two, three', id, ...more }), {
        method: 'POST',
        body: new Uint8Array(100_000),
        onUploadProgress: ({ loaded }) => told.push(loaded),
      });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      // The server sends no more before it is told to.
      expect(textOf((await reader.read()).value)).to.equal('one,');
      expect(told.at(-1)).to.equal(100_000);
      await goOn(id);
      let rest = '';
      for (let read = await reader.read(); !read.done; read = await reader.read())
        rest += textOf(read.value);
      expect(rest).to.equal(' two, three');
    });

  /** Every byte there is. */
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  const bodies: Record<string, [text: string, more?: Record<string, string>]> = {
    'every byte there is': [all, { as: 'latin1' }],
    'UTF-8': ['gr\u00fcn \ud83e\udd4b'],
    'UTF-8 with a byte order mark': ['\ufeffgr\u00fcn \ud83e\udd4b'],
    'ASCII with a byte order mark': ['\ufeffid;name'],
    'a mark in the middle': ['a\ufeffb'],
    'bytes that begin as a mark does': ['\u00ef\u00bb?', { as: 'latin1' }],
    'a single byte': ['\u00ff', { as: 'latin1' }],
    nothing: [''],
  };
  for (const [what, [text, more]] of Object.entries(bodies))
    it(`is what the platform's own fetch gets: ${what}`, async () => {
      const own = uniqueId();
      const id = uniqueId();
      const path = (of: string): string => pathOf({ text, id: of, ...more });
      const asked = fetch(`${env.push}/cors${path(own)}`, { method: 'POST', body: 'x' });
      const [theirs, ours] = await Promise.all([
        asked,
        ask({ text, id, ...more }),
        goOn(own),
        goOn(id),
      ]);
      const [a, b] = await Promise.all([theirs.arrayBuffer(), ours.arrayBuffer()]);
      expect([...new Uint8Array(b)]).to.deep.equal([...new Uint8Array(a)]);
    });

  it('fails where it begins with a mark of UTF-16, or may, rather than to be other bytes', async () => {
    for (const text of [
      '\u00ff\u00feh\0',
      '\u00fe\u00ff\0h',
      '\u00ff\u00fe\u00ff',
      '\u00ff\u00feh\0i\0',
    ]) {
      const id = uniqueId();
      const response = await ask({ text, id, as: 'latin1' });
      await goOn(id);
      expect(await rejection(response.arrayBuffer())).to.be.instanceOf(TypeError);
    }
  });

  it('fails when it breaks off, after what has come', async () => {
    const id = uniqueId();
    const response = await ask({ text: 'one, two', id, length: '1', cut: '' });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(textOf((await reader.read()).value)).to.equal('one,');
    await goOn(id);
    const failed = async (): Promise<never> => {
      for (;;) if ((await reader.read()).done) throw new Error('it ended');
    };
    expect(await rejection(failed())).to.be.instanceOf(TypeError);
  });

  for (const [how, stop] of [
    ['aborted', (abort: () => void) => abort()],
    ['cancelled', (_: () => void, response: Response) => response.body?.cancel()],
  ] as const)
    it(`ends at the server when it is ${how}`, async () => {
      const id = uniqueId();
      const controller = new AbortController();
      const response = await ask({ text: 'one, two', id }, { signal: controller.signal });
      await stop(() => controller.abort(), response);
      await until(async () => (await requestLog(id))[0]?.aborted, 20_000);
      if (how === 'aborted')
        expect(await rejection(response.text())).to.have.property('name', 'AbortError');
    });
});
