import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from './start-program.mjs';

/**
 * Starts Debian's Caddy on `port` with the Caddyfile in `config`, whose sites get the test's certificate in the place of one of their own; resolves with a function
 * that ends it.
 */
export function startCaddy({ config, folder, port, cert, key }) {
  const sites = config
    .get('/etc/caddy/Caddyfile')
    .replace(/^([\w.]+) \{$/gm, `https://$1:${port} {\n\tbind 127.0.0.1\n\ttls ${cert} ${key}`);
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${sites}`);
  const args = ['run', '--adapter', 'caddyfile', '--config', file];
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  return startProgram('caddy', args, { port, env });
}
