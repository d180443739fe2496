/**
 * Where the demo lives. Every file in `demo/` is written with these two default origins; when the ports differ
 * (or in one-origin mode) the servers replace them in the text they send: see {@link Addresses.fill}.
 */
export const DEFAULT_APP = 'http://app.hadoken.localhost:8080';
/** The same pages on another subdomain, for the card "Tabs". */
export const DEFAULT_SHOP = 'http://shop.hadoken.localhost:8080';
export const DEFAULT_PUSH = 'http://push.hadoken.localhost:8081';

/**
 * @typedef {object} Addresses
 * @property {boolean} oneOrigin development mode: one server, one origin
 * @property {string} host the interface to listen on; loopback unless `HOST` says otherwise
 * @property {number} appPort
 * @property {number} pushPort
 * @property {string} app origin of the page
 * @property {string} shop the same page's on another subdomain
 * @property {string} push origin of the API, Socket.IO and the frame
 * @property {string} [docs] origin of a page that embeds this one: `DOCS_ORIGIN`, which `npm run docs` sets
 * @property {(text: string) => string} fill puts the real origins in the place of the default ones
 */

/** @returns {Addresses} */
export function addresses(oneOrigin = false, env = process.env) {
  const appPort = port(env, 'PORT', 8080);
  const pushPort = oneOrigin ? appPort : port(env, 'PUSH_PORT', 8081);
  const app = `http://app.hadoken.localhost:${appPort}`;
  const shop = `http://shop.hadoken.localhost:${appPort}`;
  const push = oneOrigin ? app : `http://push.hadoken.localhost:${pushPort}`;
  const real = { [DEFAULT_APP]: app, [DEFAULT_SHOP]: shop, [DEFAULT_PUSH]: push };
  const fill = (text) =>
    text.replace(/http:\/\/(?:app|shop|push)\.hadoken\.localhost:808[01]\b/g, (o) => real[o] ?? o);
  const docs = env.DOCS_ORIGIN || undefined;
  const host = env.HOST || '127.0.0.1';
  return { oneOrigin, host, appPort, pushPort, app, shop, push, docs, fill };
}

function port(env, name, otherwise) {
  const given = env[name];
  if (given === undefined || given === '') return otherwise;
  const number = Number(given);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new Error(
    `${name}=${given} is not a port: give a number from 1 to 65535, for example ${name}=${otherwise}.`,
  );
}
