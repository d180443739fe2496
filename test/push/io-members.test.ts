import { expect } from '@esm-bundle/chai';
import * as original from 'socket.io-client';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { next } from '../compliance/push/both.ts';
import { frameUrl } from '../support/env.ts';

describe('what hangs on io, as on the one of socket.io-client', () => {
  let hadoken: Hadoken;
  before(() => {
    hadoken = connect(frameUrl('push-plain'));
  });
  after(() => hadoken.close());

  it('is connect, Manager and protocol', () => {
    const { io, Manager } = hadoken;
    expect(io.connect).to.equal(io);
    expect(io.Manager).to.equal(Manager);
    const npm = original.io as unknown as Record<string, unknown>;
    expect([typeof npm.connect, typeof npm.Manager]).to.deep.equal(['function', 'function']);
    expect(io.protocol).to.equal(npm.protocol ?? original.protocol);
  });

  it('connects by io.connect(), and by a new io.Manager()', async () => {
    const { io } = hadoken;
    const one = io.connect('/chat');
    const other = new io.Manager().socket('/');
    await Promise.all([next(one, 'connect'), next(other, 'connect')]);
    one.disconnect();
    other.disconnect();
  });

  it('stays with what is passed around', async () => {
    const { connect: start } = hadoken.io;
    const socket = start('/');
    await next(socket, 'connect');
    socket.disconnect();
  });
});
