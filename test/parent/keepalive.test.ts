import { expect } from '@esm-bundle/chai';
import { env, requestLog, uniqueId, until } from '../support/env.ts';

describe('a keepalive request', () => {
  it('that the host has reaches the server, though the page goes away meanwhile', async () => {
    const id = uniqueId();
    const page = document.createElement('iframe');
    page.src = `${env.app}/pages/leaving.html#${id}`;
    document.body.append(page);
    await until(() => page.contentWindow?.location.pathname === '/pages/blank.html', 20_000);
    page.remove();
    const { method, headers } = await until(async () => (await requestLog(id))[0]);
    expect([method, headers['hadoken-origin']]).to.deep.equal(['POST', env.app]);
  });
});
