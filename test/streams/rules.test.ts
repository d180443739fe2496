import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, HadokenError } from '../../src/parent/index.ts';
import { shakeByHand } from '../support/attacker.ts';
import { env, frameUrl, requestLog, uniqueId, until } from '../support/env.ts';
import { next, openAll, record, settle, sseUrl, wsUrl } from '../support/streams.ts';

const origin = (): string => env.push.replace('http', 'ws');

/** The error of a stream that fails for good, and what its events were. */
async function refusal(
  stream: EventSource | WebSocket,
): Promise<{ error: HadokenError; seen: string[] }> {
  const seen = record(stream, ['open', 'message', 'error', 'close']);
  const { error } = await next<ErrorEvent>(stream, 'error');
  expect(error).to.be.instanceOf(HadokenError);
  await settle();
  return { error, seen };
}

describe('the rules for streams', () => {
  let hadoken: Hadoken;
  const use = (host: string): void => {
    hadoken = connect(frameUrl(host));
  };
  afterEach(() => hadoken?.close());

  it('let through what they name', async () => {
    use('streams');
    const source = new hadoken.EventSource(sseUrl({ body: 'data: 1\n\n' }));
    expect((await next(source)).data).to.equal('1');
    source.close();
    const socket = new hadoken.WebSocket(wsUrl('echo'));
    await next(socket, 'open');
    socket.close();
  });

  it('are relative to the frame, whose origin the server sees', async () => {
    use('streams');
    const socket = new hadoken.WebSocket('/streams/ws/headers?a=b');
    expect(socket.url).to.equal(`${origin()}/streams/ws/headers?a=b`);
    expect(JSON.parse((await next(socket)).data).origin).to.equal(env.push);
    socket.close();
    const source = new hadoken.EventSource('/streams/sse?a=b');
    expect(source.url).to.equal(`${env.push}/streams/sse?a=b`);
    source.close();
  });

  it("put the page's origin and the host's own headers on an event stream", async () => {
    use('streams');
    const id = uniqueId();
    const source = new hadoken.EventSource(sseUrl({ id }));
    await next(source, 'open');
    source.close();
    const [request] = await requestLog(id);
    expect(request?.headers).to.include({
      'hadoken-origin': env.app,
      'x-token': 'secret',
      'sec-fetch-site': 'same-origin',
    });
  });

  for (const host of ['fetch-only', 'streams'])
    it(`refuse the EventSource that they do not name (${host}), as a failure that says what to do`, async () => {
      use(host);
      const id = uniqueId();
      const source = new hadoken.EventSource(`/api/echo?id=${id}`);
      const { error, seen } = await refusal(source);
      expect(error.code).to.equal('POLICY_REFUSED');
      expect(error.message).to.contain("'/api/echo'").and.contain('eventSource in host.js');
      expect(seen).to.deep.equal(['error 2']);
      expect(await requestLog(id)).to.deep.equal([]);
    });

  for (const host of ['fetch-only', 'streams'])
    it(`refuse the WebSocket that they do not name (${host}), as a failure that says what to do`, async () => {
      use(host);
      const id = uniqueId();
      const socket = new hadoken.WebSocket(`/other?id=${id}`);
      const closed = next<CloseEvent>(socket, 'close');
      const { error, seen } = await refusal(socket);
      expect(error.code).to.equal('POLICY_REFUSED');
      expect(error.message).to.contain("'/other'").and.contain('webSocket in host.js');
      expect(seen).to.deep.equal(['error 3', 'close 3']);
      const { code, wasClean } = await closed;
      expect([code, wasClean]).to.deep.equal([1006, false]);
      expect(await requestLog(id)).to.deep.equal([]);
    });

  for (const path of [
    '/streams/sse/../../api/echo',
    '/streams/%2e%2e/api/echo',
    '/streams/sse%2f..%2f..%2fapi/echo',
  ])
    it(`look at the parsed path: ${path} is refused`, async () => {
      use('streams');
      expect((await refusal(new hadoken.EventSource(path))).error.code).to.equal('POLICY_REFUSED');
    });

  it('refuse other origins, even where everything is allowed', async () => {
    use('default');
    const { host } = new URL(env.other);
    for (const url of [
      `http://${host}/`,
      `//${host}/`,
      env.push.replace('http://', 'http://user:pw@'),
    ]) {
      expect((await refusal(new hadoken.EventSource(url))).error.code).to.equal('POLICY_REFUSED');
      expect((await refusal(new hadoken.WebSocket(url))).error.code).to.equal('POLICY_REFUSED');
    }
    expect(
      (await refusal(new hadoken.WebSocket(origin().replace('ws', 'wss')))).error.code,
    ).to.equal('POLICY_REFUSED');
    expect(
      (await refusal(new hadoken.EventSource('data:text/event-stream,data:1'))).error.code,
    ).to.equal('POLICY_REFUSED');
  });

  it('hold after a redirect', async () => {
    use('streams');
    const source = new hadoken.EventSource(sseUrl({ to: '/api/echo' }));
    const { error, seen } = await refusal(source);
    expect(error.code).to.equal('POLICY_REFUSED');
    expect(seen).to.deep.equal(['error 2']);
  });

  it('send nothing to another origin on a redirect', async () => {
    use('streams');
    const source = new hadoken.EventSource(sseUrl({ to: `${env.other}/pages/blank.html` }));
    const seen = record(source, ['open', 'message', 'error']);
    await next(source, 'error');
    expect(seen).to.deep.equal(['error 0']);
    source.close();
  });

  it('count all kinds of sockets against one limit, and give a place back at the end', async () => {
    use('streams');
    const source = new hadoken.EventSource(sseUrl());
    await next(source, 'open');
    const socket = new hadoken.WebSocket(wsUrl('echo'));
    await next(socket, 'open');

    const { error } = await refusal(new hadoken.WebSocket(wsUrl('echo')));
    expect(error.code).to.equal('LIMIT_EXCEEDED');
    expect(error.message).to.contain('limits.sockets');
    expect((await refusal(new hadoken.EventSource(sseUrl()))).error.code).to.equal(
      'LIMIT_EXCEEDED',
    );

    source.close();
    socket.close();
    await next(socket, 'close');
    await until(() =>
      openAll([new hadoken.WebSocket(wsUrl('echo')), new hadoken.EventSource(sseUrl())]),
    );
  });

  it('are asked about targets of the right shape only, by a page that speaks by hand', async () => {
    const { frame, port } = await shakeByHand(frameUrl('streams'));
    const answers = new Map<string, { value: { error?: { code: string } } }>();
    port.onmessage = ({ data }) => answers.set(data.id, data);
    const id = uniqueId();
    const url = `${origin()}/streams/ws/echo?id=${id}`;
    const ask = (name: string, target: unknown): void => {
      const { port2 } = new MessageChannel();
      const argumentList = [target, port2].map((value) => ({ type: 'RAW', value }));
      port.postMessage({ id: name, type: 'APPLY', path: ['stream'], argumentList }, [port2]);
    };
    const hostile: unknown[] = [
      ...[
        [url],
        [url, 'v1'],
        url,
        null,
        { url },
        { kind: 'webSocket', url },
        { kind: 'WebSocket', url },
      ],
      ...['v1', null, [1], [['v1']], { 0: 'v1', length: 1 }].map((protocols) => ({
        ...{ kind: 'webSocket', url, protocols },
      })),
      ...[[url], { href: url }, 7].map((wrong) => ({
        kind: 'webSocket',
        url: wrong,
        protocols: [],
      })),
      ...[-1, Number.NaN, Infinity, 2 ** 31, '1', null].map((retry) => ({
        ...{ kind: 'eventSource', url: sseUrl({ id }), retry },
      })),
      ...['a\nX-Token: b', 'a\r', '\0', 7, null].map((lastEventId) => ({
        ...{ kind: 'eventSource', url: sseUrl({ id }), lastEventId },
      })),
    ];
    for (const [i, target] of hostile.entries()) ask(`${i}`, target);
    ask('honest', { kind: 'webSocket', url: `${origin()}/streams/ws/refuse`, protocols: ['v1'] });
    await until(() => answers.has('honest'));
    for (const [i, target] of hostile.entries())
      expect(answers.get(`${i}`)?.value.error?.code, JSON.stringify(target)).to.equal(
        'INVALID_ARGUMENT',
      );
    expect(answers.get('honest')?.value.error).to.equal(undefined);
    expect(await requestLog(id)).to.deep.equal([]);
    frame.remove();
  });
});
