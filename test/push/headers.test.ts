import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { frameUrl } from '../support/env.ts';

describe('headers of host.js for the Socket.IO server', () => {
  it('are those of the transport, whatever the page says', async () => {
    const hadoken = connect(frameUrl('io-headers'), { log: 'silent' });
    const extraHeaders = { 'x-extra': 'of the page' };
    const transportOptions = { polling: { extraHeaders } };
    const socket = hadoken.io({ extraHeaders, transportOptions } as object);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    expect((await socket.emitWithAck('whoami')).headers['x-extra']).to.equal('for polling');
    socket.disconnect();
    hadoken.close();
  });
});
