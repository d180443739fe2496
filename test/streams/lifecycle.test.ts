import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, type HadokenError } from '../../src/parent/index.ts';
import { frameUrl, requestLog, uniqueId, until } from '../support/env.ts';
import { next, record, settle, sseUrl, wsUrl } from '../support/streams.ts';

const removeFrame = (): void => hiddenFrames()[0]?.remove();

describe('streams and the life of the frame', () => {
  let hadoken: Hadoken;
  const connectWith = (options = {}, host = 'default'): void => {
    hadoken = connect(frameUrl(host), {
      reconnectionDelay: 50,
      log: 'silent',
      ...options,
    });
  };
  afterEach(() => hadoken.close());

  it('wait for the frame that is not there yet, in the state of connecting', async () => {
    connectWith();
    const source = new hadoken.EventSource(sseUrl({ body: 'data: 1\n\n' }));
    const socket = new hadoken.WebSocket(wsUrl('echo'));
    expect(hadoken.state).to.equal('connecting');
    expect([source.readyState, socket.readyState]).to.deep.equal([0, 0]);
    const opened = next(socket, 'open');
    expect((await next(source)).data).to.equal('1');
    await opened;
  });

  it('are never opened when they are closed before the frame is there', async () => {
    connectWith();
    const id = uniqueId();
    const source = new hadoken.EventSource(sseUrl({ id }));
    const socket = new hadoken.WebSocket(wsUrl(`echo?id=${id}`));
    const seen = record(socket, ['open', 'error', 'close']);
    source.close();
    socket.close();
    await next(socket, 'close');
    await hadoken.ready;
    await settle();
    expect(seen).to.deep.equal(['error 3', 'close 3']);
    expect(source.readyState).to.equal(2);
    expect(await requestLog(id)).to.deep.equal([]);
  });

  it('a WebSocket that is closed while it waits for a frame is closed at once', async () => {
    connectWith({ timeout: 60_000 }, 'no-such-host');
    const socket = new hadoken.WebSocket(wsUrl('echo'));
    const seen = record(socket, ['open', 'error', 'close']);
    socket.close();
    expect(socket.readyState).to.equal(2);
    const { code, wasClean } = await next<CloseEvent>(socket, 'close');
    expect([code, wasClean]).to.deep.equal([1006, false]);
    expect(seen).to.deep.equal(['error 3', 'close 3']);
    expect(hadoken.state).to.equal('connecting');
  });

  it('a WebSocket fails with the frame, as with the network', async () => {
    connectWith();
    const socket = new hadoken.WebSocket(wsUrl('echo'));
    await next(socket, 'open');
    const seen = record(socket, ['open', 'error', 'close']);
    removeFrame();
    const { error } = await next<ErrorEvent>(socket, 'error');
    expect((error as HadokenError).code).to.equal('FRAME_LOST');
    const { code, wasClean } = await next<CloseEvent>(socket, 'close');
    expect([code, wasClean]).to.deep.equal([1006, false]);
    await until(() => hadoken.state === 'connected');
    await settle();
    expect(seen).to.deep.equal(['error 3', 'close 3']);
    expect(() => socket.send('late')).not.to.throw();

    const again = new hadoken.WebSocket(wsUrl('echo'));
    await next(again, 'open');
  });

  it('a WebSocket that is closing when the frame is lost is closed', async () => {
    connectWith();
    const socket = new hadoken.WebSocket(wsUrl('deaf'));
    await next(socket, 'open');
    socket.close();
    removeFrame();
    expect((await next<CloseEvent>(socket, 'close')).code).to.equal(1006);
  });

  it('an EventSource connects again through the next frame, and says where it was', async () => {
    connectWith();
    const id = uniqueId();
    const source = new hadoken.EventSource(
      sseUrl({ id, body: ['id: 42\ndata: 1\n\n', 'data: 2\n\n'] }),
    );
    await next(source);
    const seen = record(source, ['open', 'message', 'error']);
    removeFrame();
    const { data, lastEventId } = await next(source);
    expect([data, lastEventId]).to.deep.equal(['2', '42']);
    // WebKit's worker gets to see its own connection break, and says so, before the page notices.
    expect([...new Set(seen)]).to.deep.equal(['error 0', 'open 1', 'message 1']);
    const ids = (await requestLog(id)).map(({ headers }) => headers['last-event-id']);
    expect(ids).to.deep.equal([undefined, '42']);
    source.close();
  });

  it('an EventSource that is closed when the frame is lost stays closed', async () => {
    connectWith();
    const id = uniqueId();
    const source = new hadoken.EventSource(sseUrl({ id, body: 'data: 1\n\n' }));
    await next(source);
    source.onerror = () => source.close();
    removeFrame();
    await until(() => source.readyState === 2);
    await until(() => hadoken.state === 'connected');
    await settle();
    expect(await requestLog(id)).to.have.lengthOf(1);
  });

  it('end when the page closes its connection', async () => {
    connectWith();
    const source = new hadoken.EventSource(sseUrl());
    const socket = new hadoken.WebSocket(wsUrl('echo'));
    await next(socket, 'open');
    const closed = next<CloseEvent>(socket, 'close');
    hadoken.close();
    expect((await closed).code).to.equal(1006);
    await until(() => source.readyState === 2);
  });

  it('fail where there is no frame, and say why', async () => {
    connectWith({ reconnectionAttempts: 0, timeout: 500 }, 'no-such-host');
    const source = new hadoken.EventSource(sseUrl());
    const socket = new hadoken.WebSocket(wsUrl('echo'));
    const errors = [source, socket].map((stream) => next<ErrorEvent>(stream, 'error'));
    const closed = next<CloseEvent>(socket, 'close');
    for (const { error, message } of await Promise.all(errors)) {
      expect((error as HadokenError).code).to.be.oneOf(['FRAME_TIMEOUT', 'HOST_FAILED']);
      expect(message).to.equal(error.message);
    }
    expect((await closed).code).to.equal(1006);
    expect([source.readyState, socket.readyState]).to.deep.equal([2, 3]);
  });
});
