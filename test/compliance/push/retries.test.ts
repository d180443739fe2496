import { expect } from '@esm-bundle/chai';
import { control, uniqueId } from '../../support/env.ts';
import { both, next, pause } from './both.ts';

both('retries', ({ io }) => {
  it('sends again what is not acknowledged in time, until it is', async function () {
    this.timeout(60_000);
    const socket = io('/', { retries: 5, ackTimeout: 1_000 });
    await next(socket, 'connect');
    expect(await socket.emitWithAck('flaky', uniqueId(), 2))
      // An answer that came too late is one more retry.
      .to.be.at.least(3);
  });

  it('gives up after so many retries, and goes on with the next', async () => {
    const socket = io('/', { retries: 1, ackTimeout: 3_000 });
    await next(socket, 'connect');
    const failed = socket.emitWithAck('silent').catch((error) => error.message);
    const fine = socket.emitWithAck('echo', 'next');
    expect(await failed).to.equal('operation has timed out');
    expect(await fine).to.equal('next');
  });

  it('has one under way at a time, in order', async () => {
    const socket = io('/', { retries: 5, ackTimeout: 25_000 });
    const key = uniqueId();
    const lengths = await Promise.all(
      [1, 2, 3].map((value) => socket.emitWithAck('note', key, value)),
    );
    expect(lengths).to.deep.equal([1, 2, 3]);
  });

  it('does not use sendBuffer: the queue waits for the connection', async () => {
    const socket = io('/', { autoConnect: false, retries: 3, ackTimeout: 25_000 });
    const answer = socket.emitWithAck('echo', 'queued');
    expect(socket.sendBuffer).to.deep.equal([]);
    socket.connect();
    expect(await answer).to.equal('queued');
  });

  it('sends again after the connection was lost', async () => {
    const socket = io('/', { retries: 10, ackTimeout: 2_000 });
    await next(socket, 'connect');
    const key = uniqueId();
    const answers = Promise.all(
      [1, 2, 3, 4].map((value) => socket.emitWithAck('note', key, value)),
    );
    await control('io/stop');
    await pause(50);
    await control('io/start');
    await answers;
    const notes: number[] = await socket.emitWithAck('notes', key);
    expect([...new Set(notes)]).to.deep.equal([1, 2, 3, 4]);
  });

  it('leaves volatile events out of the queue', async () => {
    const socket = io('/', { autoConnect: false, retries: 3, ackTimeout: 25_000 });
    const key = uniqueId();
    socket.volatile.emit('note', key, 'volatile');
    socket.connect();
    expect(await socket.emitWithAck('notes', key)).to.deep.equal([]);
  });

  it('adds an acknowledgement to what has none, so that the queue moves on', async () => {
    const socket = io('/', { retries: 3, ackTimeout: 25_000 });
    const key = uniqueId();
    socket.emit('note', key, 'without');
    expect(await socket.emitWithAck('notes', key)).to.deep.equal(['without']);
  });

  it('tells a callback null first, then the answer', async () => {
    const socket = io('/', { retries: 3, ackTimeout: 25_000 });
    const args = await new Promise((resolve) =>
      socket.emit('echo', 'a', (...values: unknown[]) => resolve(values)),
    );
    expect(args).to.deep.equal([null, 'a']);
  });
});
