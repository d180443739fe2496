import { expect } from '@esm-bundle/chai';
import { hookFailed } from '../../src/frame/hook.ts';
import { askAuth, isAuthFailure } from '../../src/frame/push/credentials.ts';
import { type AskedAuth, withVault } from '../../src/frame/vault/socket-auth.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { rejection } from '../support/bare-host.ts';

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

  for (const given of ['abc', ['a'], 7, true, () => {}])
    it(`fails where host.js gives what is no object: ${String(given)}`, async () => {
      const { auth } = withVault({ origins: [], auth: () => given as never }, vault, FRAME);
      const logged: string[] = [];
      const asked = askAuth(auth as AskedAuth, context, undefined, (line) => logged.push(line));
      expect(await rejection(asked)).to.include({ code: 'HOST_FAILED' });
      expect(logged.join()).to.contain('no object');
    });
  it('is alone where host.js gives nothing', async () => {
    for (const given of [null, undefined]) {
      const { auth } = withVault({ origins: [], auth: () => given as never }, vault, FRAME);
      expect(await auth?.(context)).to.deep.equal({ token: 't1' });
    }
  });

  it('goes to no other server', async () => {
    for (const url of ['https://other.test', 'http://push.test', 'https://push.test:8443']) {
      const { auth } = withVault({ origins: [], io: { url } }, vault, FRAME);
      expect(auth, url).to.equal(undefined);
    }
  });

  it('fails as its refresh does: to be asked again, unless host.js has an error for the page', async () => {
    const askWith = async (failure: Error): Promise<HadokenError> => {
      const failing = { tokenFor: () => Promise.reject(failure) } as never;
      const { auth } = withVault({ origins: [] }, failing, FRAME);
      return rejection(askAuth(auth as AskedAuth, context, undefined, () => {})) as never;
    };
    const run = { hook: 'vault.refresh', what: 'the token' } as const;
    const failed = await askWith(hookFailed(run));
    expect(failed.message).to.contain('vault.refresh');
    expect([failed.code, isAuthFailure(failed)]).to.deep.equal(['HOST_FAILED', true]);
    for (const code of ['HOST_FAILED', 'POLICY_REFUSED'] as const) {
      const own = await askWith(new HadokenError(code, 'Sign in, please.'));
      expect([own.code, own.message, isAuthFailure(own)]).to.deep.equal([
        code,
        'Sign in, please.',
        false,
      ]);
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
