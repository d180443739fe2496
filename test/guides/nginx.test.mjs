/** docs/guides/nginx.md, with Debian's nginx. */
import { describeDeployment } from '../support/deployed-guide-cases.mjs';
import { startNginx } from '../support/nginx.mjs';

describeDeployment('nginx', ['docs/guides/nginx.md'], startNginx);
