/** `npx hadoken check` of Debian's nginx, with the configuration of docs/guides/nginx.md, and with one that lacks what it says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkDeployment, deployGuide } from '../support/deployed-guide.mjs';
import { startNginx } from '../support/nginx.mjs';

/** What the check says of the guide's configuration after `change`; see deployGuide. */
async function checkNginx(change) {
  const deployed = await deployGuide(['docs/guides/nginx.md'], startNginx, change);
  try {
    return await checkDeployment(deployed);
  } finally {
    await deployed.stop();
  }
}

const faults = (findings) =>
  findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code);

describe('npx hadoken check of nginx', () => {
  it('finds no fault with what docs/guides/nginx.md says', async () => {
    const { status, findings } = await checkNginx();
    assert.deepEqual(faults(findings), []);
    assert.equal(status, 0);
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['host-allows'],
    );
    assert.match(JSON.stringify(findings), /io \/chat of/);
  });

  it('finds what Debian’s nginx lacks by itself, and a header of the server block', async () => {
    const { status, findings } = await checkNginx((text, name) =>
      name.endsWith('push.conf')
        ? text
            .replace(/ {4}(gzip|add_header|#).*\n/g, '')
            .replace(/ {4}(proxy_http_version|proxy_set_header (Upgrade|Connection)).*\n/g, '')
            .replace('server_name', 'add_header X-Frame-Options SAMEORIGIN;\n  server_name')
        : text,
    );
    assert.deepEqual(faults(findings).sort(), [
      'cache-rules',
      'cache-rules',
      'host-corp',
      'io-websocket',
      'not-compressed',
      'x-frame-options',
    ]);
    assert.equal(status, 1);
  });
});
