import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { next, pause } from '../compliance/push/both.ts';
import { frameUrl } from '../support/env.ts';

describe('sockets that are made as soon as the frame is ready', () => {
  for (let ticks = 0; ticks < 8; ticks++)
    it(`have one connection (${ticks} microtasks later)`, async () => {
      const hadoken = connect(frameUrl('push-plain'));
      await hadoken.ready;
      for (let i = 0; i < ticks; i++) await 0;
      const socket = hadoken.io();
      const seen: string[] = [];
      for (const name of ['connect', 'disconnect', 'connect_error'])
        socket.on(name, () => seen.push(name));
      await next(socket, 'connect');
      await pause(100);
      expect(seen).to.deep.equal(['connect']);
      hadoken.close();
    });
});

describe('sockets that are made before there is a frame', () => {
  it('keep their engine, and what listens to it', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    const socket = hadoken.io();
    const { engine } = socket.io;
    expect([engine.readyState, engine.transport?.name]).to.deep.equal(['opening', undefined]);
    const opened = next(engine, 'open');
    await next(socket, 'connect');
    await opened;
    expect(socket.io.engine).to.equal(engine);
    expect([engine.readyState, engine.transport?.name]).to.deep.equal(['open', 'websocket']);
    hadoken.close();
  });

  it('may be given null for options, as the original', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    const none = null as never;
    const manager = new hadoken.Manager('', none);
    for (const socket of [hadoken.io('/', none), hadoken.io(none), manager.socket('/', none)])
      expect(await socket.emitWithAck('echo', 'there')).to.equal('there');
    hadoken.close();
  });
});
