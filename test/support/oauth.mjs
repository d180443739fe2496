/**
 * An authorization server as sites have one, for test/fixtures/hosts/vault.js: a cookie says who is signed in, `token` gives that
 * user a token that no page is to see, and the last one given is good.
 */
import { sendJson } from './http-server.mjs';

/** By user: how often a token was asked for, which is good, and whether the next ones are refused. */
const users = new Map();

function stateOf(user) {
  if (!users.has(user)) users.set(user, { asked: 0, token: undefined, isFailing: false });
  return users.get(user);
}

function userOf({ headers }) {
  return /(?:^|; )vault_user=([^;]+)/.exec(headers.cookie ?? '')?.[1];
}

/** The user whose token that is, while it is good. */
export function ownerOf(token) {
  for (const [user, state] of users) if (token && state.token === token) return user;
  return undefined;
}

const bearerOf = ({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];

const actions = {
  login({ response, url }) {
    const user = url.searchParams.get('user');
    response.setHeader('set-cookie', [
      `vault_user=${user}; Path=/; SameSite=Lax`,
      'XSRF-TOKEN=a%20b; Path=/; SameSite=Lax',
    ]);
    sendJson(response, { user });
  },
  async token({ request, response }) {
    const user = userOf(request);
    if (!user) return sendJson(response, {}, 401);
    const state = stateOf(user);
    state.asked += 1;
    const number = state.asked;
    // So that others come while it is under way.
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (state.isFailing) return sendJson(response, { error: 'secret-of-the-server' }, 500);
    state.token = `secret-token-${user}-${number}`;
    sendJson(response, { access_token: state.token, expires_in: 3600 });
  },
  /** What tests do: ends the token that is good, or has the next be refused. */
  expire({ response, url }) {
    stateOf(url.searchParams.get('user')).token = 'none';
    sendJson(response, {});
  },
  fail({ response, url }) {
    stateOf(url.searchParams.get('user')).isFailing = true;
    sendJson(response, {});
  },
  asked({ response, url }) {
    sendJson(response, stateOf(url.searchParams.get('user')).asked);
  },
  /** Who asks, and what has come of the body. */
  async me({ request, response }) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const user = ownerOf(bearerOf(request));
    if (!user) return sendJson(response, { error: 'expired' }, 401);
    const body = Buffer.concat(chunks).toString('latin1');
    sendJson(response, { user, body, xsrf: request.headers['x-xsrf-token'] });
  },
  events({ request, response }) {
    const user = ownerOf(bearerOf(request));
    if (!user) return sendJson(response, { error: 'expired' }, 401);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${user}\n\n`);
  },
};

export function oauth(context) {
  return actions[context.rest](context);
}
