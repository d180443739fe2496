import { expect } from '@esm-bundle/chai';
import { fromWireResponse, toWireResponse } from '../../src/ajax/response.ts';

/** In ms: a loaded machine may take long over what is there at once. */
const PATIENT = 5_000;
/** Of a body that does not fail. */
const pending = new Promise<never>(() => {});
const provenance = { url: 'https://api.test/a', type: 'basic' as const, redirected: true };

const chunks = (left: number): ReadableStream<Uint8Array> =>
  new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(10_000));
      if (--left === 0) controller.close();
    },
  });

describe('a response as data', () => {
  it('comes back with everything, its clones too', async () => {
    const there = new Response('body', {
      status: 201,
      statusText: 'Made',
      headers: { 'x-a': '1' },
    });
    const { wire, rest } = await toWireResponse(there, provenance, PATIENT);
    expect(rest).to.equal(undefined);
    const back = fromWireResponse(structuredClone(wire), wire.bytes, pending);
    for (const response of [back.clone().clone(), back]) {
      const { status, statusText, ok, url, type, redirected } = response;
      expect({ status, statusText, ok, url, type, redirected }).to.deep.equal({
        ...provenance,
        status: 201,
        statusText: 'Made',
        ok: true,
      });
      expect(response.headers.get('x-a')).to.equal('1');
      expect(await response.text()).to.equal('body');
    }
  });

  it('copies what a hook gives, which may give the same again, and moves what is the network’s', async () => {
    const banner = new TextEncoder().encode('banner');
    const made = (): Response =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(banner);
            controller.enqueue(banner);
            controller.close();
          },
        }),
      );
    for (const grace of [PATIENT, 0])
      for (let time = 0; time < 2; time++) {
        const { wire, rest } = await toWireResponse(made(), undefined, grace, true);
        let text = new TextDecoder().decode(wire.bytes ?? undefined);
        if (wire.bytes) structuredClone(wire.bytes, { transfer: [wire.bytes] });
        for (let next = await rest?.read(); next?.value; next = await rest?.read()) {
          text += new TextDecoder().decode(next.value);
          structuredClone(next.value.buffer, { transfer: [next.value.buffer as ArrayBuffer] });
        }
        expect(text).to.equal('bannerbanner');
      }
    const own = new Uint8Array(10);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(own);
        controller.close();
      },
    });
    expect((await toWireResponse(new Response(body), undefined, PATIENT)).wire.bytes).to.equal(
      own.buffer,
    );
  });

  it('has no more members of its own than the page sees of the platform’s, and may be patched', async () => {
    const there = new Response('{}', { headers: { 'x-a': '1' } });
    const { wire } = await toWireResponse(there, provenance, PATIENT);
    const response = fromWireResponse(wire, wire.bytes, pending);
    expect(Object.keys(response.headers)).to.deep.equal([]);
    expect(Object.keys(response)).to.deep.equal([]);
    expect(() => response.headers.set('x-a', '2')).to.throw(TypeError);
    for (const name of ['json', 'text', 'blob', 'clone'] as const) {
      Object.assign(response, { [name]: () => name });
      expect(response[name]()).to.equal(name);
      Reflect.deleteProperty(response, name);
      expect(response[name]).to.equal(Response.prototype[name]);
    }
  });

  it('takes statuses that the constructor refuses', () => {
    for (const status of [0, 100, 600, 999]) {
      const response = fromWireResponse(
        { ...provenance, status, statusText: '', headers: [] },
        null,
        pending,
      );
      expect(response).to.be.instanceOf(Response).and.to.include({ status, ok: false, body: null });
      expect(response.clone().status).to.equal(status);
    }
  });

  it('has no body where there is none', async () => {
    expect((await toWireResponse(new Response(null, { status: 204 }))).wire).to.include({
      bytes: null,
      done: true,
    });
    const { wire } = await toWireResponse(new Response(''), undefined, PATIENT);
    expect([wire.bytes?.byteLength, wire.done]).to.deep.equal([0, true]);
  });

  it('brings a small body along, and says where the rest of a large one is', async () => {
    const small = await toWireResponse(new Response(new Uint8Array(1_000)), undefined, PATIENT);
    expect(small.wire.bytes?.byteLength).to.equal(1_000);
    const large = await toWireResponse(new Response(chunks(50)));
    let length = large.wire.bytes?.byteLength ?? 0;
    expect(large.wire.done).to.equal(false);
    for (;;) {
      const next = await large.rest?.read();
      if (next?.done !== false) break;
      length += next.value.byteLength;
    }
    expect(length).to.equal(500_000);
  });

  it('does not wait for the end of a body that the network has framed, and for any other it does', async () => {
    const open = (type: ResponseType, headers: Record<string, string>): Response => {
      const body = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(5)) });
      return Object.defineProperty(new Response(body, { headers }), 'type', { value: type });
    };
    const framed = await toWireResponse(
      open('basic', { 'content-length': '5' }),
      undefined,
      60_000,
    );
    expect([framed.wire.done, framed.wire.bytes?.byteLength]).to.deep.equal([true, 5]);
    for (const other of [
      // A hook's, or a service worker's, whose header may be wrong.
      open('default', { 'content-length': '5' }),
      open('basic', { 'content-length': '6' }),
      open('basic', { 'content-length': '5', 'content-encoding': 'gzip' }),
      open('basic', { 'content-length': '5', 'transfer-encoding': 'chunked' }),
      open('basic', {}),
    ]) {
      const { wire, rest } = await toWireResponse(other, undefined, 20);
      expect([wire.done, wire.bytes?.byteLength]).to.deep.equal([false, 5]);
      void rest?.cancel();
    }
  });

  it('does not wait for a body that does not come', async () => {
    let cancelled: unknown;
    const body = new ReadableStream({
      cancel(reason) {
        cancelled = reason;
      },
    });
    const { wire, rest } = await toWireResponse(new Response(body));
    expect(wire).to.include({ bytes: null, done: false });
    await rest?.cancel('enough');
    expect(cancelled).to.equal('enough');
  });

  it('waits for a short body of known length a little longer than for one that may be long', async () => {
    const lateBody = (length?: number, more?: HeadersInit): Response =>
      new Response(
        new ReadableStream(
          {
            pull: (controller) =>
              new Promise<void>((resolve) => {
                setTimeout(() => {
                  controller.enqueue(new Uint8Array(3));
                  controller.close();
                  resolve();
                }, 5);
              }),
          },
          { highWaterMark: 0 },
        ),
        { headers: { ...(length && { 'content-length': `${length}` }), ...more } },
      );
    /** Of a busy machine, whose stall may be longer than the wait, one of many is enough. */
    const wireOf = async (more?: HeadersInit) => {
      for (let tries = 0; ; tries++) {
        const { wire } = await toWireResponse(lateBody(3, more));
        if (wire.done || tries === 50) return wire;
      }
    };
    expect((await wireOf()).done).to.equal(true);
    const wire = await wireOf({ 'content-encoding': 'gzip' });
    expect(wire).to.deep.include({ done: true, downloaded: { loaded: 3, total: undefined } });
    // Timers go off in the order of their times, however late: this one after the wait's.
    expect((await toWireResponse(lateBody())).wire.done).to.equal(false);
    expect((await toWireResponse(lateBody(1_000_000))).wire.done).to.equal(false);
  });

  for (const chunk of ['text', 7, new ArrayBuffer(3), new Uint16Array(3), { byteLength: 3 }])
    it(`fails, as the platform's own, where a chunk is ${Object.prototype.toString.call(chunk)}`, async () => {
      let cancelled = false;
      const makeResponse = (): Response =>
        new Response(
          new ReadableStream({
            pull: (controller) => controller.enqueue(chunk),
            cancel() {
              cancelled = true;
            },
          }),
        );
      const native = await makeResponse()
        .text()
        .catch((error: Error) => error.name);
      const { wire, rest } = await toWireResponse(makeResponse(), undefined, PATIENT);
      expect(wire).to.deep.include({
        bytes: null,
        done: false,
        downloaded: { loaded: 0, total: undefined },
      });
      const ours = await rest?.read().catch((error: Error) => error.name);
      expect([ours, native]).to.deep.equal(['TypeError', 'TypeError']);
      cancelled = false;
      await rest?.cancel('enough');
      expect(cancelled).to.equal(true);
    });

  it('tells a body that fails in its turn, after the bytes that came', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(3));
      },
      pull(controller) {
        controller.error(new DOMException('cut', 'AbortError'));
      },
    });
    const { wire, rest } = await toWireResponse(new Response(body));
    const seen = [wire.done, await rest?.read().catch((error) => error.name)];
    expect(seen).to.deep.equal([false, 'TypeError']);
  });
});
