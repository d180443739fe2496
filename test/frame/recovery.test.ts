import { expect } from '@esm-bundle/chai';
import { createRecovery, isName, randomName } from '../../src/frame/push/recovery.ts';
import { createSessionStore } from '../../src/frame/storage/session-store.ts';
import { uniqueId, until } from '../support/env.ts';

describe('the names for recoverable sessions', () => {
  it('stand for the pid to the page that they were given to, on their namespace', async () => {
    const store = createSessionStore();
    const scope = uniqueId();
    const recovery = createRecovery(scope, store);
    const session = recovery.hide('/', 'the pid');
    expect(session.pid).to.equal('the pid');
    expect(session.name).not.to.contain('pid');
    expect(await recovery.find('/', session.name)).to.deep.equal(session);
    expect(await recovery.find('/chat', session.name)).to.equal(undefined);
    expect(await recovery.find('/', randomName())).to.equal(undefined);
    const others = createRecovery(uniqueId(), store);
    expect(await others.find('/', session.name)).to.equal(undefined);
    recovery.forget('/', session);
    expect(await recovery.find('/', session.name)).to.equal(undefined);
  });

  it('are found by the next frame, until they are forgotten', async () => {
    const scope = uniqueId();
    const session = createRecovery(scope, createSessionStore()).hide('/', 'the pid');
    const next = createRecovery(scope, createSessionStore());
    await until(async () => (await next.find('/', session.name))?.pid === 'the pid');
    next.forget('/', session);
    const last = createRecovery(scope, createSessionStore());
    await until(async () => (await last.find('/', session.name)) === undefined);
  });

  it('are told from an application’s own pid', () => {
    for (const value of [undefined, null, 7, '', 'a-pid', {}, [randomName()]])
      expect(isName(value)).to.equal(false);
    expect(isName(randomName())).to.equal(true);
    expect(randomName()).not.to.equal(randomName());
  });

  it('do without a store that is forbidden, or does not answer', async () => {
    const never = () => new Promise<undefined>(() => {});
    const silent = { get: never, set: never as () => Promise<never>, delete() {} };
    for (const store of [undefined, silent]) {
      const recovery = createRecovery(uniqueId(), store);
      const session = recovery.hide('/', 'the pid');
      expect(await recovery.find('/', session.name)).to.deep.equal(session);
      expect(await recovery.find('/', randomName())).to.equal(undefined);
    }
    const real = indexedDB.open;
    IDBFactory.prototype.open = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
    const recovery = createRecovery(uniqueId(), createSessionStore());
    const session = recovery.hide('/', 'the pid');
    expect(await recovery.find('/', session.name)).to.deep.equal(session);
    expect(await recovery.find('/', randomName())).to.equal(undefined);
    IDBFactory.prototype.open = real;
  });
});
