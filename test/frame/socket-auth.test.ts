import { expect } from '@esm-bundle/chai';
import { withVault } from '../../src/frame/vault/socket-auth.ts';

describe('the vault’s token in Socket.IO’s auth', () => {
  const FRAME = 'https://push.test';
  const refused: string[] = [];
  const vault = {
    tokenFor: async () => 't1',
    markRefused: (_origin: string, token: string) => void refused.push(token),
  } as never;
  const context = { origin: 'https://app.test', attempt: 1 };

  it('is there for the frame’s own server, beneath what host.js gives', async () => {
    for (const io of [undefined, true, {}, { url: FRAME }, { url: 'wss://push.test' }]) {
      const { auth } = withVault({ origins: [], io } as never, vault, FRAME);
      expect(await auth?.(context), JSON.stringify(io)).to.deep.equal({ token: 't1' });
    }
    const own = { auth: () => ({ token: 'own', more: 1 }) };
    const { auth } = withVault({ origins: [], ...own }, vault, FRAME);
    expect(await auth?.(context)).to.deep.equal({ token: 'own', more: 1 });
  });

  it('goes to no other server', async () => {
    for (const url of ['https://other.test', 'http://push.test', 'https://push.test:8443']) {
      const { auth } = withVault({ origins: [], io: { url } }, vault, FRAME);
      expect(auth, url).to.equal(undefined);
    }
  });

  it('is marked as refused where the server has refused it', async () => {
    const { auth } = withVault({ origins: [] }, vault, FRAME);
    const ask = auth as (given: object, last?: object) => Promise<object>;
    await ask({ ...context, refused: { message: 'expired' } }, { token: 't0' });
    await ask({ ...context, refused: { message: 'expired' } }, { other: 1 });
    await ask(context, { token: 't9' });
    expect(refused).to.deep.equal(['t0']);
  });
});
