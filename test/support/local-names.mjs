import dns from 'node:dns';

const lookup = dns.lookup;

/** Browsers resolve `*.localhost` by themselves, Node does not: teaches this process to. */
export function resolveLocalhostNames() {
  dns.lookup = (hostname, options, callback) => {
    const name = /(^|\.)localhost$/.test(hostname) ? '127.0.0.1' : hostname;
    return callback ? lookup(name, options, callback) : lookup(name, options);
  };
}
