import { expect } from '@esm-bundle/chai';
import type { RequestContext, ResponseContext } from '../../src/frame/options/hooks.ts';
import { bareHost, rejection } from '../support/bare-host.ts';
import { env } from '../support/env.ts';

type Sent = {
  method: string;
  url: string;
  body: string;
  token: string | null;
  type: string | null;
};

/** A host whose API answers 401 until it is sent the token `good`, with what it was sent. */
function openHost(
  hooks: Parameters<typeof bareHost>[0],
  isGood = (token: string | null) => token === 'good',
  effects: Parameters<typeof bareHost>[2] = {},
) {
  const sent: Sent[] = [];
  const { fetch, logged } = bareHost(
    hooks,
    async (request) => {
      const { method, url, headers } = request;
      const token = headers.get('x-token');
      sent.push({
        method,
        url,
        token,
        body: await request.text(),
        type: headers.get('content-type'),
      });
      return new Response(`answer ${sent.length}`, { status: isGood(token) ? 200 : 401 });
    },
    effects,
  );
  return { fetch, logged, sent };
}

/** Signs with each of `tokens`, one after another. */
function signWith(...tokens: string[]) {
  let at = 0;
  return (request: Request): void =>
    request.headers.set('x-token', tokens[Math.min(at++, tokens.length - 1)] as string);
}

const again = ({ status }: Response, { attempt, retry }: ResponseContext) =>
  status === 401 && attempt < 4 ? retry() : undefined;

describe('a hook that sends a request again', () => {
  it('is told what the request is for, and what was sent', async () => {
    const told: [string, object][] = [];
    const { fetch } = openHost({
      onRequest(request, { origin, kind, cookies }: RequestContext) {
        told.push(['request', { origin, kind, cookies, url: request.url }]);
        request.headers.set('x-token', 'good');
      },
      onResponse(_response, { origin, kind, attempt, request }) {
        const { url, method } = request;
        told.push(['response', { origin, kind, attempt, url, method, bodyUsed: request.bodyUsed }]);
        told.push(['token', { is: request.headers.get('x-token') }]);
      },
    });
    await fetch('/a', { method: 'POST', body: 'text' });
    const common = { origin: 'https://app.test', kind: 'fetch', url: 'https://api.test/a' };
    expect(told).to.deep.equal([
      ['request', { ...common, cookies: {} }],
      ['response', { ...common, attempt: 1, method: 'POST', bodyUsed: false }],
      ['token', { is: 'good' }],
    ]);
  });

  it('asks onRequest again, and the page gets the last answer', async () => {
    const { fetch, sent } = openHost({ onRequest: signWith('old', 'good'), onResponse: again });
    const response = await fetch('/a?x=1');
    expect(response.status).to.equal(200);
    expect(await response.text()).to.equal('answer 2');
    expect(sent.map(({ token }) => token)).to.deep.equal(['old', 'good']);
  });

  const bodies: [what: string, make: () => BodyInit, read: (body: string) => unknown][] = [
    ['a text', () => 'some text', (body) => body === 'some text'],
    ['bytes', () => new Uint8Array([65, 66]), (body) => body === 'AB'],
    ['a Blob', () => new Blob(['blob']), (body) => body === 'blob'],
    ['URLSearchParams', () => new URLSearchParams({ a: 'b' }), (body) => body === 'a=b'],
    [
      // With a file WebKit can't read it here; test/boundary/vault.test.ts has one.
      'a form',
      () => {
        const form = new FormData();
        form.append('name', 'content');
        return form;
      },
      (body) => body.includes('name="name"') && body.includes('content'),
    ],
  ];
  for (const [what, make, isIt] of bodies)
    it(`sends the body along each time: ${what}`, async () => {
      const { fetch, sent } = openHost({ onRequest: signWith('old', 'good'), onResponse: again });
      const response = await fetch('/a', { method: 'PUT', body: make() });
      expect(response.status).to.equal(200);
      expect(sent).to.have.length(2);
      for (const { method, body } of sent) {
        expect(method).to.equal('PUT');
        expect(isIt(body), body).to.equal(true);
      }
    });

  it('does not send a stream twice: the answer reaches the page', async () => {
    const attempts: number[] = [];
    const { fetch, sent } = openHost({
      onRequest: signWith('old', 'good'),
      onResponse(response, context) {
        attempts.push(context.attempt);
        return again(response, context);
      },
    });
    const body = new Blob(['streamed']).stream();
    const init = { method: 'POST', body, duplex: 'half' };
    const response = await fetch('/a', init);
    expect([response.status, await response.text()]).to.deep.equal([401, 'answer 1']);
    expect(sent.map((request) => request.body)).to.deep.equal(['streamed']);
    expect(attempts).to.deep.equal([1]);
  });

  for (const [what, make, isIt] of bodies)
    it(`may give another request, which gets the page’s body: ${what}`, async () => {
      const { fetch, sent } = openHost({
        onResponse({ status }, { request, retry }) {
          if (status !== 401) return;
          const headers = new Headers(request.headers);
          headers.set('x-token', 'good');
          return retry(new Request(request, { headers }));
        },
      });
      expect((await fetch('/a', { method: 'POST', body: make() })).status).to.equal(200);
      expect(sent.map(({ token }) => token)).to.deep.equal([null, 'good']);
      const [first, second] = sent as [Sent, Sent];
      expect(isIt(second.body), second.body).to.equal(true);
      if (what !== 'a form') {
        expect(second).to.include({ type: first.type });
        return;
      }
      const boundary = /boundary=(.+)$/.exec(String(second.type))?.[1];
      expect(second.body).to.contain(String(boundary));
    });

  it('may give another request with a body of its own, and to another path', async () => {
    const { fetch, sent } = openHost({
      onResponse({ status }, { retry }) {
        if (status !== 401) return;
        const headers = { 'x-token': 'good' };
        return retry(new Request('https://api.test/b', { method: 'POST', body: 'own', headers }));
      },
    });
    const response = await fetch('/a', { method: 'POST', body: 'text' });
    expect(response.status).to.equal(200);
    expect(sent.at(-1)).to.include({ url: 'https://api.test/b', body: 'own', method: 'POST' });
  });

  for (const [how, onResponse] of Object.entries({
    'without waiting for it': (_: Response, { attempt, retry }: ResponseContext) => {
      if (attempt < 2) retry();
    },
    'after waiting for it': async (_: Response, { attempt, retry }: ResponseContext) => {
      if (attempt < 2) await retry();
    },
  }))
    it(`is told to return what retry() gives, where it has called it ${how}`, async () => {
      const { fetch, logged } = openHost({ onResponse });
      expect(await rejection(fetch('/a'))).to.include({ code: 'HOST_FAILED' });
      expect(logged.join()).to.contain('return retry()');
    });

  it('is told to read a clone, where it has read the answer and returned nothing', async () => {
    const onResponse = async (response: Response): Promise<void> => void (await response.text());
    const { fetch, logged } = openHost({ onResponse });
    expect(await rejection(fetch('/a'))).to.include({ code: 'HOST_FAILED' });
    expect(logged.join()).to.contain('it read the body of the answer: read response.clone()');
  });

  for (const method of ['GET', 'POST'])
    for (const [what, given] of Object.entries({
      'a path': () => '/a' as never,
      'a Request whose body is read': async () => {
        const request = new Request('https://api.test/a', { method: 'POST', body: 'a' });
        await request.text();
        return request;
      },
    }))
      it(`is told that it has given ${what}, for a ${method}`, async () => {
        const { fetch, logged, sent } = openHost({
          onResponse: async (_response, { retry }) => retry(await given()),
        });
        const body = method === 'GET' ? null : 'body';
        expect(await rejection(fetch('/a', { method, body }))).to.include({ code: 'HOST_FAILED' });
        expect(logged.join()).to.contain('retry() was given');
        expect(sent).to.have.length(1);
      });

  it('may not give one to another origin', async () => {
    const { fetch, logged, sent } = openHost({
      onResponse: (_response, { retry }) => retry(new Request(env.other)),
    });
    const error = await rejection(fetch('/a'));
    expect(error).to.include({ name: 'HadokenError', code: 'HOST_FAILED' });
    expect(error.message).not.to.contain(env.other);
    expect(logged.join())
      .to.contain(
        'GET https://api.test/a: onResponse in host.js failed: TypeError: retry() was given',
      )
      .and.contain(env.other);
    expect(sent).to.have.length(1);
  });

  it('ends with an error, and no loop, when it never has enough', async () => {
    const { fetch, sent } = openHost({ onResponse: (_response, { retry }) => retry() });
    const error = await rejection(fetch('/a'));
    expect(error).to.include({ code: 'HOST_FAILED', name: 'HadokenError' });
    expect(error.message).to.contain('10 times');
    expect(sent).to.have.length(10);
  });

  it('ends also where it sends twice in each attempt, or waits for a stream’s other answer', async () => {
    const both = openHost({
      async onResponse(_response, { retry }) {
        await retry();
        return retry();
      },
    });
    expect(await rejection(both.fetch('/a'))).to.include({ code: 'HOST_FAILED' });
    expect(both.sent).to.have.length(10);
    const waiting = openHost({
      async onResponse(response, { retry }) {
        let answer = response;
        while (answer.status === 401) answer = await retry();
        return answer;
      },
    });
    const init = { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half' };
    expect(await rejection(waiting.fetch('/a', init))).to.include({ code: 'HOST_FAILED' });
    expect(waiting.sent).to.have.length(1);
  });

  it('sends nothing once it has returned', async () => {
    let late: (() => Promise<Response>) | undefined;
    const { fetch, sent } = openHost({
      onResponse(_response, { retry }) {
        late = retry;
      },
    });
    await fetch('/a');
    await rejection(late?.() as Promise<Response>);
    expect(sent).to.have.length(1);
  });

  it('may make a GET of a POST', async () => {
    const { fetch, sent } = openHost({
      onResponse: ({ status }, { request, retry }) =>
        status === 401 && request.method === 'POST'
          ? retry(new Request('https://api.test/b', { headers: { 'x-token': 'good' } }))
          : undefined,
    });
    expect((await fetch('/a', { method: 'POST', body: 'a' })).status).to.equal(200);
    expect(sent.at(-1)).to.include({ method: 'GET', body: '' });
  });

  it('may look at the new answer, and return another', async () => {
    const { fetch } = openHost({
      onRequest: signWith('old', 'good'),
      async onResponse(_response, { attempt, retry }) {
        if (attempt > 1) return;
        const second = await retry();
        return new Response(`${second.status} ${await second.text()}`);
      },
    });
    expect(await (await fetch('/a')).text()).to.equal('200 answer 2');
  });

  it('shows the page what fails then as what fails the first time', async () => {
    let asked = 0;
    const { fetch } = bareHost({ onResponse: again }, () => {
      asked += 1;
      if (asked === 2) throw new TypeError('the network, with a secret');
      return new Response('', { status: 401 });
    });
    const error = await rejection(fetch('/a'));
    expect(`${error}`).to.equal('TypeError: Failed to fetch');
    expect(asked).to.equal(2);
  });

  it('that throws is named, and its stack is on the frame’s console alone', async () => {
    const { fetch, logged } = openHost({
      onResponse(_response, { attempt, retry }) {
        if (attempt === 2) throw new Error('a secret of the second time');
        return retry();
      },
    });
    const error = await rejection(fetch('/a'));
    expect(error).to.include({ code: 'HOST_FAILED' });
    expect(error.message).to.contain('onResponse').and.not.contain('secret');
    expect(logged.join()).to.contain('a secret of the second time');
  });

  it('gets the cookies that it asked for', async () => {
    const cookies: object[] = [];
    const { fetch } = bareHost(
      {
        cookies: ['XSRF-TOKEN'],
        onRequest: (_request, context) => void cookies.push(context.cookies),
      },
      undefined,
      { readCookies: async (names) => ({ [names[0] as string]: 'a b' }) },
    );
    await fetch('/a');
    expect(cookies).to.deep.equal([{ 'XSRF-TOKEN': 'a b' }]);
  });
});
