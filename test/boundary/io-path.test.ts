import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, type HadokenError } from '../../src/parent/index.ts';
import { frameUrl, until } from '../support/env.ts';
import { next } from '../support/streams.ts';

/** What a page of engine.io's own asks for. */
const ASK = '?EIO=4&transport=polling';
const SOCKET = '?EIO=4&transport=websocket';

/** Spellings of Socket.IO's path that a server in front of it may mend. */
const spellings = (path: string): string[] => [
  path,
  path.toUpperCase(),
  path.replace('.', '%2e'),
  path.replace('.', '%252e'),
  `/%2f${path.slice(1)}`,
  `/;x${path}`,
  `/v1/..;${path}`,
  `/v1/..%2f${path.slice(1)}`,
  path.replace('.', '．'),
];

describe('Socket.IO’s path', () => {
  let hadoken: Hadoken;
  const use = (host: string): void => {
    hadoken = connect(frameUrl(host), { log: 'silent' });
  };
  afterEach(() => hadoken.close());

  const codeOf = (asked: Promise<unknown>): Promise<unknown> =>
    asked.then(
      () => 'answered',
      ({ code }: HadokenError) => code,
    );
  const failure = async (stream: EventSource | WebSocket): Promise<string> =>
    ((await next<ErrorEvent>(stream, 'error')).error as HadokenError).code;

  /**
   * By host: fetch, EventSource and WebSocket are all true; io has a path of its own, is true, or
   * says nothing.
   */
  for (const [host, path] of [
    ['everything', '/plain.io/'],
    ['everything', '/socket.io/'],
    ['default', '/socket.io/'],
    ['fetch-only', '/socket.io/'],
  ] as const)
    it(`is not reached by fetch where all is allowed: ${path} of ${host}`, async () => {
      use(host);
      for (const spelling of spellings(path)) {
        expect(await codeOf(hadoken.fetch(spelling + ASK)), spelling).to.equal('POLICY_REFUSED');
        const body = { method: 'POST', body: '40/admin,' };
        expect(await codeOf(hadoken.fetch(spelling + ASK, body)), spelling).to.equal(
          'POLICY_REFUSED',
        );
      }
    });

  for (const [host, path] of [
    ['everything', '/plain.io/'],
    ['default', '/socket.io/'],
  ] as const)
    it(`is not reached by WebSocket and EventSource where all is allowed: ${path} of ${host}`, async () => {
      use(host);
      for (const spelling of spellings(path)) {
        const socket = new hadoken.WebSocket(spelling + SOCKET);
        expect(await failure(socket), spelling).to.equal('POLICY_REFUSED');
        const source = new hadoken.EventSource(spelling + ASK);
        expect(await failure(source), spelling).to.equal('POLICY_REFUSED');
      }
    });

  it('is not reached through a session that the frame has opened', async () => {
    use('everything');
    const socket = hadoken.io('/');
    await until(() => socket.connected);
    const { id } = socket.io.engine as unknown as { id: string };
    expect(id).to.be.a('string');
    const session = `/plain.io/?EIO=4&transport=polling&sid=${id}`;
    for (const init of [{}, { method: 'POST', body: '42["echo",1]' }])
      expect(await codeOf(hadoken.fetch(session, init))).to.equal('POLICY_REFUSED');
    expect(await failure(new hadoken.WebSocket(`/plain.io/${SOCKET}&sid=${id}`))).to.equal(
      'POLICY_REFUSED',
    );
    expect(await socket.emitWithAck('whoami')).to.include({ nsp: '/' });
  });

  it('is not reached after a redirect', async () => {
    use('everything');
    const to = encodeURIComponent(`/plain.io/${ASK}`);
    expect(await codeOf(hadoken.fetch(`/api/redirect?to=${to}`))).to.not.equal('answered');
  });

  it('is reached where a rule names it', async () => {
    use('raw-io');
    expect(await (await hadoken.fetch(`/socket.io/${ASK}`)).text()).to.match(/^0\{"sid":/);
    const socket = new hadoken.WebSocket(`/socket.io/${SOCKET}`);
    expect((await next(socket)).data).to.match(/^0\{"sid":/);
    socket.close();
    for (const spelling of spellings('/socket.io/').slice(1))
      expect(await codeOf(hadoken.fetch(spelling + ASK)), spelling).to.equal('POLICY_REFUSED');
    expect((await hadoken.fetch('/api/echo')).status).to.equal(200);
  });
});
