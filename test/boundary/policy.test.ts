import { expect } from '@esm-bundle/chai';
import { connect, type HadokenError } from '../../src/parent/index.ts';
import {
  callByHand,
  type ExchangesByHand,
  openExchangesByHand,
  shakeByHand,
} from '../support/attacker.ts';
import { env, frameUrl, requestLog, uniqueId } from '../support/env.ts';

const { host } = new URL(env.push);
type Answer = { value: { value?: { status: number }; error?: { code: string; message: string } } };
type Asked = {
  url: string;
  method?: string;
  headers?: [string, string][];
  body?: unknown;
  init?: object;
};

/** Ways around a rule for `/api/echo` and `/api/bytes/*`, as raw text: no `Request` of the page's has seen them. */
const forbidden: [what: string, url: (id: string) => string][] = [
  ['a path outside the rules', (id) => `${env.push}/api/cookie?id=${id}`],
  ['a path whose beginning is allowed', (id) => `${env.push}/api/echoes?id=${id}`],
  ['a path below an exact one', (id) => `${env.push}/api/echo/more?id=${id}`],
  ['dots out of an allowed folder', (id) => `${env.push}/api/bytes/../cookie?id=${id}`],
  ['encoded dots', (id) => `${env.push}/api/bytes/%2e%2e/cookie?id=${id}`],
  ['half encoded dots', (id) => `${env.push}/api/bytes/.%2E/cookie?id=${id}`],
  ['a backslash for a slash', (id) => `${env.push}/api/bytes\\..\\cookie?id=${id}`],
  ['a tab within the dots', (id) => `${env.push}/api/bytes/.\t./cookie?id=${id}`],
  ['another case', (id) => `${env.push}/API/ECHO?id=${id}`],
  ['two slashes before the path', (id) => `${env.push}//api/echo?id=${id}`],
  ['no scheme', (id) => `//${host}/api/echo?id=${id}`],
  ['a relative path', (id) => `/api/echo?id=${id}`],
  ['another host', (id) => `${env.shop}/api/echo?id=${id}`],
  ['another host by backslashes', (id) => `http:\\\\${new URL(env.shop).host}/api/echo?id=${id}`],
  ['another scheme', (id) => `https://${host}/api/echo?id=${id}`],
  [
    'the host as a user of another',
    (id) => `http://${host}@${new URL(env.shop).host}/api/echo?id=${id}`,
  ],
  ['a user on the right host', (id) => `http://user@${host}/api/echo?id=${id}`],
  ['a password on the right host', (id) => `http://:secret@${host}/api/echo?id=${id}`],
  [
    'a host with a trailing dot',
    (id) => `http://push.hadoken.localhost.:${new URL(env.push).port}/api/echo?id=${id}`,
  ],
  ['data:', () => 'data:text/plain,x'],
  ['blob:', () => `blob:${env.push}/7b6a6a8e-0000-4000-8000-000000000000`],
  ['file:', () => 'file:///etc/passwd'],
  ['javascript:', () => 'javascript:globalThis.pwned=1'],
  ['what is no URL', () => 'http://'],
  ['a rule for another page', (id) => `${env.push}/api/cookie?id=${id}`],
];

describe('the rules of a host', () => {
  let port: MessagePort;
  let exchanges: ExchangesByHand;
  let requests = 0;
  let frame: HTMLIFrameElement;
  before(async () => {
    ({ port, frame } = await shakeByHand(frameUrl('border')));
    exchanges = openExchangesByHand(port);
  });
  after(() => frame.remove());

  async function ask({
    url,
    method = 'GET',
    headers = [],
    body,
    init = {},
  }: Asked): Promise<Answer> {
    const request = { url, method, headers, init, ...(body === undefined ? {} : { body }) };
    const id = ++requests;
    const { head, error } = await exchanges.ask(id, request);
    // The head is all that is looked at; whoever leaves a body unread keeps one of the host's places.
    exchanges.post(id, { type: 'abort' });
    return { value: { value: head, error } } as Answer;
  }

  it('allow what they name', async () => {
    const id = uniqueId();
    expect((await ask({ url: `${env.push}/api/echo?id=${id}` })).value.value).to.include({
      status: 200,
    });
    expect(await requestLog(id)).to.have.length(1);
    const dots = `${env.push}/api/cookie/../echo?id=${id}`;
    expect((await ask({ url: dots })).value.value, 'what the browser will send counts').to.include({
      status: 200,
    });
  });

  for (const [what, url] of forbidden) {
    it(`refuse ${what}`, async () => {
      const id = uniqueId();
      const { value } = await ask({ url: url(id) });
      expect(value.error).to.include({ code: 'POLICY_REFUSED' });
      expect(await requestLog(id)).to.deep.equal([]);
    });
  }

  for (const method of [
    'PUT',
    'DELETE',
    'PATCH',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'CONNECT',
    'get ',
    'X\r\nX',
    '',
  ]) {
    it(`refuse the method ${JSON.stringify(method)}`, async () => {
      const id = uniqueId();
      const { value } = await ask({ url: `${env.push}/api/echo?id=${id}`, method });
      expect(value.error).to.include.keys('name', 'message');
      expect(value.value).to.equal(undefined);
      expect(await requestLog(id)).to.deep.equal([]);
    });
  }

  for (const name of [
    'x-http-method-override',
    'X-HTTP-Method',
    'x-method-override',
    'authorization',
    'x-other',
  ]) {
    it(`refuse the header ${name}, and let the one they name cross`, async () => {
      const id = uniqueId();
      const url = `${env.push}/api/echo?id=${id}`;
      const refused = await ask({ url, method: 'POST', headers: [[name, 'DELETE']] });
      expect(refused.value.error).to.include({ code: 'POLICY_REFUSED' });
      expect(await requestLog(id)).to.deep.equal([]);
      const allowed = await ask({ url, method: 'POST', headers: [['X-Allowed', '1']] });
      expect(allowed.value.value).to.include({ status: 200 });
    });
  }

  it('stamp every request with the page’s origin, whatever it says itself', async () => {
    const id = uniqueId();
    const url = `${env.push}/api/echo?id=${id}`;
    await ask({ url, headers: [['hAdOkEn-OrIgIn', 'https://admin.example']] });
    const [seen] = await requestLog(id);
    expect(seen?.headers['hadoken-origin']).to.equal(env.app);
  });

  for (const [what, to] of [
    ['a forbidden path', '/api/cookie'],
    ['another origin', `${env.shop}/pages/blank.html`],
  ] as const) {
    it(`refuse what a redirect to ${what} answers`, async () => {
      const { value } = await ask({ url: `${env.push}/api/redirect?to=${encodeURIComponent(to)}` });
      expect(value.value).to.equal(undefined);
      expect(value.error).to.include.keys('name');
    });
  }

  it('follow a redirect to an allowed path', async () => {
    const { value } = await ask({ url: `${env.push}/api/redirect?to=/api/echo` });
    expect(value.value).to.include({ status: 200, redirected: true });
  });

  for (const [what, message] of [
    ['no headers', { url: 'x', method: 'GET', init: {} }],
    ['headers that are no pairs', { url: 'x', method: 'GET', headers: [['a']], init: {} }],
    ['an init of another key', { url: 'x', method: 'GET', headers: [], init: { window: null } }],
    ['an init with a signal', { url: 'x', method: 'GET', headers: [], init: { signal: 1 } }],
    [
      'a body of another kind',
      { url: 'x', method: 'GET', headers: [], init: {}, body: { type: 'stream2' } },
    ],
    ['a URL that is an object', { url: { href: 'x' }, method: 'GET', headers: [], init: {} }],
  ] as const) {
    it(`never see a request with ${what}`, async () => {
      const { error } = await exchanges.ask(++requests, message);
      expect(error).to.include({ code: 'INVALID_ARGUMENT' });
    });
  }

  it('keep to the one port for requests, and to one request of a number', async () => {
    const other = new MessageChannel();
    const argumentList = [{ type: 'RAW', value: other.port2 }];
    const call = { type: 'APPLY', path: ['fetch'], argumentList };
    const { value } = (await callByHand(port, call, 20_000, [other.port2])) as Answer;
    expect(value.error).to.include({ code: 'LIMIT_EXCEEDED' });

    const [first, second] = [uniqueId(), uniqueId()];
    const id = ++requests;
    const request = (log: string): object => ({
      url: `${env.push}/api/echo?id=${log}`,
      method: 'GET',
      headers: [],
      init: {},
    });
    const answer = exchanges.ask(id, request(first));
    exchanges.post(id, { type: 'request', request: request(second) });
    expect(await answer).to.have.property('head');
    expect(await requestLog(first)).to.have.length(1);
    expect(await requestLog(second)).to.have.length(0);
  });

  it('outlive junk on the port of the requests', async () => {
    const junk = [
      null,
      1,
      'abort',
      {},
      { type: 'chunk' },
      { type: 'chunk', bytes: 4e9 },
      { type: 'chunk', bytes: [1, 2] },
      { type: 'taken', loaded: Number.NaN },
      { type: 'taken', loaded: '1' },
      { type: 'taken', loaded: -1e12 },
      { type: 'error' },
      { type: 'error', error: null },
      { type: '__proto__' },
      { type: ['end'] },
      { type: 'request' },
    ];
    const id = ++requests;
    const request = {
      url: `${env.push}/api/slow?ms=300`,
      method: 'POST',
      headers: [],
      init: {},
      body: null,
    };
    const answer = exchanges.ask(id, request);
    // Of that request, of none that is there, and of none that can be.
    for (const message of junk)
      for (const other of [id, 1e9, -1, '1', undefined])
        exchanges.post(
          id,
          Object(message) === message ? { ...Object(message), id: other } : message,
        );
    exchanges.post(id, { type: 'chunk', bytes: new ArrayBuffer(10) });
    exchanges.post(id, { type: 'end' });
    expect(await answer).to.have.any.keys('head', 'error');
    expect(await callByHand(port, { type: 'APPLY', path: ['ping'], argumentList: [] })).to.include({
      type: 'RAW',
    });
  });
});

describe('the limits of a host', () => {
  const hadoken = connect(frameUrl('border'), { log: 'silent' });
  after(() => hadoken.close());

  const codeOf = (asked: Promise<Response>): Promise<string | number> =>
    asked.then(
      ({ status }) => status,
      ({ code }: HadokenError) => code,
    );
  const send = (body: BodyInit): Promise<string | number> =>
    codeOf(hadoken.fetch('/api/echo', { method: 'POST', body }));

  const bodies: [string, (bytes: number) => BodyInit][] = [
    ['text', (bytes) => 'x'.repeat(bytes)],
    ['text of two bytes a character', (bytes) => 'é'.repeat(bytes / 2) + 'x'.repeat(bytes % 2)],
    ['an ArrayBuffer', (bytes) => new ArrayBuffer(bytes)],
    ['a Blob', (bytes) => new Blob([new ArrayBuffer(bytes)])],
    [
      'a stream',
      (bytes) =>
        new ReadableStream({
          start(controller) {
            for (let i = 0; i < bytes; i += 100)
              controller.enqueue(new Uint8Array(Math.min(100, bytes - i)));
            controller.close();
          },
        }),
    ],
  ];
  for (const [what, make] of bodies) {
    it(`take a body of ${what} up to its limit and not a byte more`, async () => {
      expect(await send(make(1_000))).to.equal(200);
      expect(await send(make(1_001))).to.equal('LIMIT_EXCEEDED');
    });
  }

  it('refuse a form whose files are larger than the limit', async () => {
    const form = new FormData();
    form.append('file', new Blob([new ArrayBuffer(1_001)]), 'x');
    expect(await send(form)).to.equal('LIMIT_EXCEEDED');
  });

  it('let so many requests be under way, no more, and more again when they are done', async () => {
    const slow = Array.from({ length: 3 }, () => codeOf(hadoken.fetch('/api/slow?ms=1000')));
    expect(await codeOf(hadoken.fetch('/api/slow?ms=1'))).to.equal('LIMIT_EXCEEDED');
    expect(await Promise.all(slow)).to.deep.equal([200, 200, 200]);
    expect(await codeOf(hadoken.fetch('/api/slow?ms=1'))).to.equal(200);
  });
});
