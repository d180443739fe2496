import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { next } from '../compliance/push/both.ts';
import { frameUrl } from '../support/env.ts';

/** As immer, MobX, Vuex and lodash tell what they may freeze, copy or watch. */
function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  const isRoot = Object.getPrototypeOf(prototype) === null;
  return isRoot && (!Object.hasOwn(prototype, 'constructor') || prototype.constructor === Object);
}

describe('what a page keeps in a state container', () => {
  let hadoken: Hadoken;
  before(() => {
    hadoken = connect(frameUrl('push-plain'));
  });
  after(() => hadoken.close());

  it('is no plain object: the client, a socket, a manager, streams', async () => {
    const socket = hadoken.io('/');
    const manager = new hadoken.Manager({ autoConnect: false });
    const source = new hadoken.EventSource('/none');
    source.close();
    const facades = { hadoken, socket, io: socket.io, manager, source };
    for (const [name, facade] of Object.entries(facades))
      expect(isPlainObject(facade), name).to.equal(false);
    expect(isPlainObject({ a: 1 }), 'one that is').to.equal(true);
    if (!socket.connected) await next(socket, 'connect');
    expect(await socket.emitWithAck('echo', 1)).to.equal(1);
    socket.disconnect();
  });

  it('keeps its own members: a copy by spreading has them all', () => {
    expect(Object.keys({ ...hadoken })).to.include.members(['fetch', 'io', 'close', 'state']);
  });
});
