import { expect } from '@esm-bundle/chai';
import {
  complete,
  fromWireBody,
  fromWireRequest,
  readWireRequest,
  toWireRequest,
} from '../../src/ajax/request.ts';
import type { FormEntry } from '../../src/rpc/wire/fetch.ts';

const BASE = 'https://api.test';
const to = async (input: RequestInfo | URL, init: RequestInit = {}) => {
  const outgoing = await toWireRequest(input, init, BASE);
  await complete(outgoing);
  return outgoing;
};

/** There and back, through a real structured clone. */
async function roundTrip(input: RequestInfo | URL, init?: RequestInit): Promise<Request> {
  const { wire } = await to(input, init);
  const cloned = structuredClone(wire);
  expect(readWireRequest(cloned)).not.to.equal(undefined);
  return fromWireRequest(cloned);
}

describe('a request as data', () => {
  it('comes back as it was', async () => {
    const init: RequestInit = {
      method: 'PUT',
      headers: { 'X-A': '1', 'content-type': 'text/x' },
      body: 'text',
      credentials: 'include',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      integrity: 'sha256-AAAA',
      keepalive: true,
    };
    const there = new Request(`${BASE}/v1/me?a=1`, init);
    const back = await roundTrip('/v1/me?a=1', init);
    for (const key of [
      'url',
      'method',
      'mode',
      'credentials',
      'cache',
      'redirect',
      'referrerPolicy',
      'integrity',
      'keepalive',
    ] as const)
      expect(back[key], key).to.equal(there[key]);
    expect([...back.headers]).to.deep.equal([...there.headers]);
    expect(await back.text()).to.equal('text');
  });

  it('says what a Request says when nothing is asked for', async () => {
    const { wire, signal, source } = await to('/');
    const init = {
      mode: 'cors',
      credentials: 'same-origin',
      cache: 'default',
      redirect: 'follow',
      referrerPolicy: '',
      integrity: '',
      keepalive: false,
    };
    expect(wire).to.deep.equal({ url: `${BASE}/`, method: 'GET', headers: [], init });
    expect([signal, source]).to.deep.equal([undefined, undefined]);
  });

  it('resolves against the frame’s origin, a Request as the page has it', async () => {
    expect((await to('v1')).wire.url).to.equal(`${BASE}/v1`);
    expect((await to('//other.test/x')).wire.url).to.equal('https://other.test/x');
    expect((await to(new Request('/v1'))).wire.url).to.equal(`${location.origin}/v1`);
  });

  it('carries files by reference', async () => {
    const file = new File(['content'], 'a.txt', { type: 'text/x' });
    const alone = (await to('/', { method: 'POST', body: file })).wire;
    expect(alone.body).to.be.instanceOf(Blob).and.include({ size: 7 });
    expect(alone.headers).to.deep.equal([['content-type', 'text/x']]);
    const body = new FormData();
    body.append('a', '1');
    body.append('file', file);
    const { wire } = await to('/', { method: 'POST', body });
    const entries = wire.body as FormEntry[];
    expect(entries[0]).to.deep.equal(['a', '1']);
    expect(entries[1]?.[1]).to.be.instanceOf(File).with.property('name', 'a.txt');
    expect(wire.headers, 'the frame’s form gets a boundary of its own').to.deep.equal([]);
    const back = fromWireBody(structuredClone(wire.body)) as FormData;
    expect(back.get('a')).to.equal('1');
    expect(back.get('file')).to.include({ name: 'a.txt', type: 'text/x', size: 7 });
  });

  it('carries the bytes of a view, and no more of its buffer', async () => {
    const all = Uint8Array.from({ length: 1_000 }, (_, i) => i);
    const asked = to('/', { method: 'POST', body: all.subarray(10, 13) });
    all.fill(0);
    const data = (await asked).wire.body as Blob;
    expect([...new Uint8Array(await data.arrayBuffer())], 'as they were').to.deep.equal([
      10, 11, 12,
    ]);
    expect(all.byteLength, 'the caller’s buffer stays').to.equal(1_000);
  });

  it('gives a stream’s bytes afterwards, from a stream that nobody else reads', async () => {
    const body = new Blob(['x']).stream();
    const { wire, source } = await to('/', { method: 'POST', body });
    expect(wire.body).to.equal(null);
    expect(body.locked).to.equal(true);
    expect((await source?.read())?.value?.byteLength).to.equal(1);
  });

  it('leaves a stream alone where the request is refused', async () => {
    const body = new Blob(['x']).stream();
    expect(await to('/', { method: 'GET', body }).catch(String)).to.match(/^TypeError/);
    expect(body.locked).to.equal(false);
  });

  it('carries a referrer on the frame’s origin', async () => {
    const referrerOf = async (referrer: string) => (await to('/', { referrer })).wire.init.referrer;
    expect(await referrerOf('/from')).to.equal(`${BASE}/from`);
    expect(await referrerOf('')).to.equal('');
    expect((await to('/')).wire.init.referrer).to.equal(undefined);
  });

  it('follows the signal of init, else that of a Request', async () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const request = new Request(`${BASE}/`, { signal: one.signal });
    const follow = [await to('/', { signal: one.signal }), await to(request)];
    const others = [await to(request, { signal: null }), await to(request, { signal: two.signal })];
    const reason = new RangeError('mine');
    one.abort(reason);
    expect(follow.map(({ signal }) => signal?.reason)).to.deep.equal([reason, reason]);
    expect(others.map(({ signal }) => signal?.aborted)).to.deep.equal([false, false]);
    two.abort();
    expect(others[1]?.signal?.aborted).to.equal(true);
  });
});

describe('readWireRequest', () => {
  const good = {
    url: '/',
    method: 'GET',
    headers: [['a', 'b']],
    init: { mode: 'cors' },
    progress: true,
  };
  it('takes what toWireRequest makes', () => {
    expect(readWireRequest(good)).not.to.equal(undefined);
    const form = [
      ['a', 'b'],
      ['c', new File([], 'd')],
    ];
    for (const body of ['x', new ArrayBuffer(1), new Blob(), form, null, undefined])
      expect(readWireRequest({ ...good, body })).not.to.equal(undefined);
  });

  for (const [what, change] of Object.entries({
    'a URL that is none': { url: 1 },
    'a method that is none': { method: null },
    'no headers': { headers: undefined },
    'a header of one': { headers: [['a']] },
    'a header of numbers': { headers: [['a', 1]] },
    'an unknown member': { init: { signal: 'x' } },
    'a member of another type': { init: { keepalive: 'yes' } },
    'an inherited member': { init: { toString: 'x' } },
    'a body of another type': { body: {} },
    'a body that is a number': { body: 1 },
    'a form of numbers': { body: [['a', 1]] },
    'a form of one': { body: [['a']] },
    'progress of another type': { progress: 1 },
  }))
    it(`refuses ${what}`, () => {
      expect(readWireRequest({ ...good, ...change })).to.equal(undefined);
    });

  it('refuses what is no object', () => {
    for (const value of [null, undefined, 1, 'x', [], () => {}])
      expect(readWireRequest(value)).to.equal(undefined);
  });
});
