import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl } from '../support/env.ts';
import { next, wsUrl } from '../support/streams.ts';

type Realm = Window & typeof globalThis;

/** What an iframe of the page's makes is given by its other scripts: editors, embedded apps, sandboxes. */
describe("what is of another realm of the page's", () => {
  let hadoken: Hadoken;
  let frame: HTMLIFrameElement;
  let realm: Realm;
  before(async () => {
    frame = document.createElement('iframe');
    document.body.append(frame);
    realm = frame.contentWindow as Realm;
    expect(new realm.Blob([])).not.to.be.instanceOf(Blob);
    hadoken = connect(frameUrl('default'));
    await hadoken.ready;
  });
  after(() => {
    hadoken.close();
    frame.remove();
  });

  const upload = async (body: unknown): Promise<{ bytes: number }> => {
    const init = { method: 'POST', body: body as BodyInit };
    return (await hadoken.fetch('/api/upload', init)).json();
  };

  it('is the same as a Request', async () => {
    const init = { method: 'POST', body: 'abc', headers: { 'x-a': '1' } };
    const asked = new realm.Request(`${env.push}/api/echo`, init);
    const echo = await (await hadoken.fetch(asked)).json();
    expect(echo).to.include({ method: 'POST', body: btoa('abc') });
    expect(echo.headers).to.include({ 'x-a': '1' });
  });

  it('is the same as a URL, Headers and a signal', async () => {
    const controller = new realm.AbortController();
    const headers = new realm.Headers({ 'x-a': '1' });
    const url = new realm.URL('/api/echo', env.push);
    const echo = await (await hadoken.fetch(url, { headers })).json();
    expect(echo.headers).to.include({ 'x-a': '1' });
    const asked = rejection(hadoken.fetch('/api/hang', { signal: controller.signal }));
    controller.abort();
    expect(await asked).to.have.property('name', 'AbortError');
  });

  const bodies: Record<string, () => unknown> = {
    Blob: () => new realm.Blob(['abc']),
    File: () => new realm.File(['abc'], 'a.txt'),
    ArrayBuffer: () => new realm.Uint8Array([1, 2, 3]).buffer,
    Uint8Array: () => new realm.Uint8Array([1, 2, 3]),
    DataView: () => new realm.DataView(new realm.ArrayBuffer(3)),
    URLSearchParams: () => new realm.URLSearchParams('a=b'),
    ReadableStream: () =>
      new realm.ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(3));
          controller.close();
        },
      }),
  };
  for (const [name, make] of Object.entries(bodies))
    it(`is the same as a body: ${name}`, async () => {
      expect(await upload(make())).to.include({ bytes: 3 });
    });

  it('is the same as a form with a file', async () => {
    const form = new realm.FormData();
    form.append('a', 'b');
    form.append('file', new realm.File(['abc'], 'a.txt', { type: 'text/plain' }));
    const echo = await (await hadoken.fetch('/api/echo', { method: 'POST', body: form })).json();
    expect(echo.headers['content-type']).to.match(/^multipart\/form-data; boundary=/);
    const text = atob(echo.body);
    expect(text).to.contain('name="a"').and.contain('filename="a.txt"').and.contain('abc');
  });

  for (const name of ['Blob', 'File', 'ArrayBuffer', 'Uint8Array', 'DataView'])
    it(`is the same in what is emitted: ${name}`, async () => {
      const plain = connect(frameUrl('push-plain'));
      const back = await plain.io('/').emitWithAck('echo', { deep: [bodies[name]?.()] });
      plain.close();
      expect(back.deep[0]).to.be.instanceOf(ArrayBuffer).with.property('byteLength', 3);
    });

  for (const name of ['Blob', 'ArrayBuffer', 'Uint8Array'])
    it(`is the same in what a WebSocket sends: ${name}`, async () => {
      const socket = new hadoken.WebSocket(wsUrl('echo'));
      socket.binaryType = 'arraybuffer';
      await next(socket, 'open');
      socket.send(bodies[name]?.() as Blob);
      expect((await next(socket)).data).to.be.instanceOf(ArrayBuffer);
      socket.close();
    });
});
