import { expect } from '@esm-bundle/chai';
import { env } from '../../support/env.ts';
import { next, record, settle, thrown } from '../../support/streams.ts';
import { describeSockets } from './sockets.ts';

describeSockets('at its end', (on) => {
  const { make, opened } = on;

  it('throws an InvalidAccessError for a code that close() does not take', async () => {
    const socket = await opened();
    const connecting = make('never');
    for (const each of [socket, connecting])
      for (const code of [
        ...[
          0,
          -1,
          1,
          999,
          1001,
          1001.5,
          1005,
          2999,
          5000,
          65_535,
          66_536,
          2 ** 32 + 1000,
          Number.NaN,
        ],
        ...[Infinity, -Infinity, null, true, '', 'a', '1001', {}, [], [1000, 1000]],
      ]) {
        const error = thrown(() => each.close(code as number)) as DOMException;
        expect(error?.name, String(code)).to.equal('InvalidAccessError');
      }
    expect([socket.readyState, connecting.readyState]).to.deep.equal([1, 0]);
    // Arguments are looked at even when there is nothing left to close.
    socket.close();
    expect((thrown(() => socket.close(1)) as DOMException).name).to.equal('InvalidAccessError');
  });

  it('throws a TypeError for a code that is no number and a reason that is no string', async () => {
    const socket = await opened();
    for (const code of [Symbol('s'), 1000n, Object.create(null)])
      expect(
        thrown(() => socket.close(code as number)),
        String(typeof code),
      ).to.be.instanceOf(TypeError);
    for (const args of [
      [1000, Symbol('s')],
      [1, Symbol('s')],
      [1000, Object.create(null)],
    ])
      expect(thrown(() => socket.close(...(args as [number, string])))).to.be.instanceOf(TypeError);
    expect(socket.readyState).to.equal(1);
  });

  for (const [code, closed] of [
    [1000.4, 1000],
    [1000.5, 1000],
    ['1000', 1000],
    [[4999], 4999],
    [4999.4, 4999],
    [{ valueOf: () => 3000 }, 3000],
    // Only Firefox's own rounds as WebIDL says; the others' cut off.
    ...((on.side === 'hadoken' || env.engine === 'firefox'
      ? [
          [999.5, 1000],
          [2999.5, 3000],
        ]
      : []) as [number, number][]),
  ] as const)
    it(`rounds the code of close(${JSON.stringify(code)})`, async () => {
      const socket = await opened();
      socket.close(code as number);
      expect((await next<CloseEvent>(socket, 'close')).code).to.equal(closed);
    });

  it('takes a reason for the string that it can be', async () => {
    for (const [reason, received] of [
      [undefined, ''],
      [null, 'null'],
      [7, '7'],
      [['a', 'b'], 'a,b'],
      ['\ud800', '\ufffd'],
      ['\ud800'.repeat(41), '\ufffd'.repeat(41)],
    ] as const) {
      const socket = await opened();
      socket.close(1000, reason as string);
      expect((await next<CloseEvent>(socket, 'close')).reason).to.equal(received);
    }
    const socket = await opened();
    const error = thrown(() => socket.close(1000, '\ud800'.repeat(42))) as DOMException;
    expect(error.name).to.equal('SyntaxError');
  });

  it('closes without a code where there is only a reason', async () => {
    // Chromium's own throws an InvalidAccessError for that.
    if (on.side === 'platform' && env.engine === 'chromium') return;
    const socket = await opened();
    socket.close(undefined, 'why');
    const { code, reason, wasClean } = await next<CloseEvent>(socket, 'close');
    expect({ code, reason, wasClean }).to.deep.equal({ code: 1005, reason: '', wasClean: true });
  });

  it('throws a SyntaxError for a reason of more than 123 bytes', async () => {
    const socket = await opened();
    for (const reason of ['a'.repeat(124), `${'ü'.repeat(61)}ab`])
      expect((thrown(() => socket.close(1000, reason)) as DOMException).name).to.equal(
        'SyntaxError',
      );
    socket.close(1000, `${'ü'.repeat(61)}a`);
    expect((await next<CloseEvent>(socket, 'close')).reason).to.equal(`${'ü'.repeat(61)}a`);
  });

  it('closes with a code and a reason', async () => {
    const socket = await opened();
    const seen = record(socket, ['error', 'close']);
    socket.close(4_999, 'bye ü');
    expect(socket.readyState).to.equal(2);
    const event = await next<CloseEvent>(socket, 'close');
    expect(event).to.be.instanceOf(CloseEvent);
    const { code, reason, wasClean } = event;
    expect({ code, reason, wasClean }).to.deep.equal({
      code: 4_999,
      reason: 'bye ü',
      wasClean: true,
    });
    expect(seen).to.deep.equal(['close 3']);
  });

  it('closes without a code', async () => {
    const socket = await opened();
    socket.close();
    const { code, reason, wasClean } = await next<CloseEvent>(socket, 'close');
    expect({ code, reason, wasClean }).to.deep.equal({ code: 1005, reason: '', wasClean: true });
  });

  it('sends what was sent before close()', async () => {
    const socket = await opened('measure');
    socket.send('abc');
    socket.close();
    expect((await next<CloseEvent>(socket, 'close')).wasClean).to.equal(true);
    expect(socket.bufferedAmount).to.equal(0);
  });

  it('gives no message after close()', async () => {
    const socket = await opened();
    const seen = record(socket, ['message', 'close']);
    socket.send('a');
    socket.close();
    await next(socket, 'close');
    expect(seen).to.deep.equal(['close 3']);
  });

  it('says why the server closed', async () => {
    const socket = await opened();
    const seen = record(socket, ['error', 'close']);
    socket.send('close 4001 enough');
    const { code, reason, wasClean } = await next<CloseEvent>(socket, 'close');
    expect({ code, reason, wasClean }).to.deep.equal({
      code: 4001,
      reason: 'enough',
      wasClean: true,
    });
    expect(seen).to.deep.equal(['close 3']);
  });

  it('says 1005 where the server closed without a code', async () => {
    const socket = await opened();
    socket.send('close');
    expect((await next<CloseEvent>(socket, 'close')).code).to.equal(1005);
  });

  it('gives the last message before the close event', async () => {
    const socket = make('burst?count=50');
    const seen = record(socket, ['open', 'message', 'close']);
    const { code, reason } = await next<CloseEvent>(socket, 'close');
    expect([code, reason]).to.deep.equal([1000, 'done']);
    expect(seen).to.deep.equal(['open 1', ...Array(50).fill('message 1'), 'close 3']);
  });

  it('says 1006 when the connection is lost', async () => {
    const socket = await opened();
    socket.send('drop');
    const { code, reason, wasClean } = await next<CloseEvent>(socket, 'close');
    expect({ code, reason, wasClean }).to.deep.equal({ code: 1006, reason: '', wasClean: false });
    expect(socket.readyState).to.equal(3);
  });

  it('fails with an error and 1006 when the server refuses it', async () => {
    const socket = make('refuse');
    const seen = record(socket, ['open', 'error', 'close']);
    const error = await next<Event>(socket, 'error');
    expect(error.cancelable).to.equal(false);
    // The platform's tasks leave time to listen from one event to the other.
    const { code, wasClean } = await next<CloseEvent>(socket, 'close');
    expect({ code, wasClean }).to.deep.equal({ code: 1006, wasClean: false });
    expect(seen).to.deep.equal(['error 3', 'close 3']);
  });

  for (const name of ['never', 'echo'])
    it(`fails at close() while it is connecting (${name})`, async () => {
      const socket = make(name);
      const seen = record(socket, ['open', 'error', 'close']);
      socket.close();
      expect(socket.readyState).to.equal(2);
      const { code, wasClean } = await next<CloseEvent>(socket, 'close');
      expect({ code, wasClean }).to.deep.equal({ code: 1006, wasClean: false });
      await settle();
      expect(seen).to.deep.equal(['error 3', 'close 3']);
    });

  it('fails at a late close() while it is connecting', async () => {
    const socket = make('never');
    const seen = record(socket, ['open', 'error', 'close']);
    await settle();
    socket.close(1000, 'not needed');
    await next(socket, 'close');
    await settle();
    expect(seen).to.deep.equal(['error 3', 'close 3']);
  });

  it('ends in tasks of their own after close() while it is connecting, with plain events', async () => {
    const socket = make('never');
    const seen: string[] = [];
    socket.close();
    await Promise.resolve();
    socket.onerror = (event) => {
      seen.push(`${event.constructor.name} ${socket.readyState}`);
      Promise.resolve().then(() => seen.push('settled'));
    };
    socket.onclose = () => seen.push('close');
    await next(socket, 'close');
    expect(seen).to.deep.equal(['Event 3', 'settled', 'close']);
  });

  it('takes a second close() for nothing', async () => {
    const socket = await opened();
    const seen = record(socket, ['error', 'close']);
    socket.close(4000, 'first');
    socket.close(4001, 'second');
    expect((await next<CloseEvent>(socket, 'close')).code).to.equal(4000);
    socket.close();
    await settle();
    expect(seen).to.deep.equal(['close 3']);
  });
});
