import { expect } from '@esm-bundle/chai';
import { serve } from '../../src/frame/index.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { env } from '../support/env.ts';

describe('what serve() is given besides its options', () => {
  for (const worker of [null, 5, 'host.js', {}, new Blob()])
    it(`is refused where it makes no worker: ${worker}`, () => {
      const setup = { worker } as never;
      expect(() => serve({ origins: [env.app] }, setup))
        .to.throw(HadokenError, 'worker')
        .with.property('code', 'INVALID_ARGUMENT');
    });
});
