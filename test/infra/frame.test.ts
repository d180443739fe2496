import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { env, frameUrl, requestLog, uniqueId } from '../support/env.ts';

describe('the built frame on the push origin', () => {
  it('serves the page: one same-origin request, no preflight, stamped with the page that asked', async () => {
    const hadoken = connect(frameUrl());
    const id = uniqueId();
    const response = await hadoken.fetch(`/api/echo?id=${id}`, {
      method: 'POST',
      headers: { 'x-custom': '1', 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    const { headers, body } = await response.json();
    expect(atob(body)).to.equal('{"a":1}');
    expect(headers).to.include({
      'x-custom': '1',
      'sec-fetch-site': 'same-origin',
      'hadoken-origin': env.app,
    });
    expect((await requestLog(id)).map(({ method }) => method)).to.deep.equal(['POST']);
    expect(hadoken.config).to.deep.equal({ release: 'test' });
    hadoken.close();
  });
});
