/** docs/guides/caddy.md, with Debian's Caddy. */
import { startCaddy } from '../support/caddy.mjs';
import { describeDeployment } from '../support/deployed-guide-cases.mjs';

describeDeployment('Caddy', ['docs/guides/nginx.md', 'docs/guides/caddy.md'], startCaddy);
