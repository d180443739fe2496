import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from './start-program.mjs';

/** The http block's text around `servers`, all in `folder`. */
function configOf(servers, folder) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  return `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${join(folder, 'pid')};
error_log stderr;
events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  ${temporary.join('\n  ')}
  ${servers}
}`;
}

/** Starts Debian's nginx on `port` with the configuration files in `config`, by name; resolves with a function that ends it. */
export function startNginx({ config, folder, port }) {
  const servers = [...config.values()].join('\n');
  const listening = servers.replaceAll('listen 443', `listen 127.0.0.1:${port}`);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configOf(listening, folder));
  return startProgram('nginx', ['-e', 'stderr', '-p', folder, '-c', file], { port });
}
