import { expect } from '@esm-bundle/chai';
import { createIndexedStore } from '../../src/frame/vault/indexed-store.ts';
import { EMPTY, type VaultRecord } from '../../src/frame/vault/record.ts';

const DATABASE = 'hadoken-vault';
const RECORD: VaultRecord = { generation: 1, isCleared: true, origins: {} };

/** Runs `work` with `stub` in the place of members of the platform's indexedDB. */
async function withStub<T>(stub: Partial<IDBFactory>, work: () => Promise<T>): Promise<T> {
  const { indexedDB } = globalThis;
  const value = new Proxy(indexedDB, {
    get: (target, name: keyof IDBFactory) => stub[name] ?? target[name].bind(target as never),
  });
  Object.defineProperty(globalThis, 'indexedDB', { value, configurable: true });
  try {
    return await work();
  } finally {
    Object.defineProperty(globalThis, 'indexedDB', { value: indexedDB, configurable: true });
  }
}

describe('the vault’s record in IndexedDB', () => {
  beforeEach(
    () =>
      new Promise<void>((resolve) => {
        indexedDB.deleteDatabase(DATABASE).onsuccess = () => resolve();
      }),
  );

  it('is what was written, to every store', async () => {
    const store = createIndexedStore();
    expect(await store.read()).to.deep.equal(EMPTY);
    expect(await store.update(() => RECORD)).to.deep.equal(RECORD);
    expect(await createIndexedStore().read()).to.deep.equal(RECORD);
    expect(await store.update(() => undefined)).to.deep.equal(RECORD);
  });

  it('loses nothing of two who write at once', async () => {
    const add = ({ generation, ...rest }: VaultRecord) => ({ ...rest, generation: generation + 1 });
    await Promise.all(Array.from({ length: 10 }, () => createIndexedStore().update(add)));
    expect((await createIndexedStore().read()).generation).to.equal(10);
  });

  it('is this scope’s alone where storage is forbidden', async () => {
    const open = (): never => {
      throw new DOMException('forbidden', 'SecurityError');
    };
    await withStub({ open }, async () => {
      const store = createIndexedStore();
      await store.update(() => RECORD);
      expect(await store.read()).to.deep.equal(RECORD);
      expect(await createIndexedStore().read()).to.deep.equal(EMPTY);
    });
  });

  it('is not waited for for ever', async function () {
    this.timeout(20_000);
    const never = (): IDBOpenDBRequest => new EventTarget() as IDBOpenDBRequest;
    await withStub({ open: never, deleteDatabase: never }, async () => {
      const store = createIndexedStore();
      expect(await store.read()).to.deep.equal(EMPTY);
      expect(await store.update(() => RECORD)).to.deep.equal(RECORD);
    });
  });

  it('is removed where it can’t be written: nothing of before is read again', async () => {
    const before = {
      ...RECORD,
      origins: { 'https://a.test': { count: 1, until: 1, token: 'old' } },
    };
    await createIndexedStore().update(() => before);
    const unclonable = { ...RECORD, origins: { a: () => {} } } as unknown as VaultRecord;
    await createIndexedStore().update(() => unclonable);
    expect(await createIndexedStore().read()).to.deep.equal(EMPTY);
  });
});
