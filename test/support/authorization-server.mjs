/**
 * An authorization server for docs/guides/oauth.md: the code flow with PKCE, refresh tokens that rotate, and a user, ada, who is always
 * willing unless `denies` is set.
 */
import { createHash, randomBytes } from 'node:crypto';
import { listen, sendJson } from './http-server.mjs';

const CLIENT = { client_id: 'guide', client_secret: 'of the server' };
const random = () => randomBytes(16).toString('hex');

/** Resolves with `{ state, authorizeUrl, tokenUrl, isGood, stop }`; `isGood(token)` says whether the API should take it. */
export async function startAuthorizationServer() {
  /** `access`, `refresh`: the tokens that are good. `reused`: whether an old refresh token came. `grants`: what was asked for. */
  const state = { access: undefined, refresh: undefined, isReused: false, grants: [] };
  const codes = new Map();

  const authorize = (response, { searchParams }) => {
    const asked = Object.fromEntries(searchParams);
    const to = new URL(asked.redirect_uri);
    to.searchParams.set('state', asked.state);
    if (state.denies) to.searchParams.set('error', 'access_denied');
    else {
      const code = random();
      codes.set(code, asked);
      to.searchParams.set('code', code);
    }
    response.writeHead(302, { location: to.href }).end();
  };

  /** Whether the code is one of ours, is used for the first time, and comes with its verifier. */
  const isRightCode = ({ code, code_verifier, redirect_uri }) => {
    const asked = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256')
      .update(code_verifier ?? '')
      .digest('base64url');
    return asked?.code_challenge === challenge && asked.redirect_uri === redirect_uri;
  };
  const isRightRefresh = ({ refresh_token }) => {
    const isRight = refresh_token === state.refresh;
    if (!isRight) state.isReused = true;
    return isRight;
  };
  const token = async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const asked = Object.fromEntries(new URLSearchParams(text));
    state.grants.push(asked.grant_type);
    const isClient = Object.entries(CLIENT).every(([name, value]) => asked[name] === value);
    const isRight =
      asked.grant_type === 'refresh_token' ? isRightRefresh(asked) : isRightCode(asked);
    if (!isClient || !isRight) return sendJson(response, { error: 'invalid_grant' }, 400);
    state.access = `access-${random()}`;
    state.refresh = `refresh-${random()}`;
    sendJson(response, {
      access_token: state.access,
      refresh_token: state.refresh,
      expires_in: 3600,
      token_type: 'Bearer',
    });
  };

  const { server, port } = await listen((request, response, url) => {
    if (url.pathname === '/authorize') return authorize(response, url);
    if (url.pathname === '/token') return token(request, response);
    sendJson(response, {}, 404);
  });
  return {
    state,
    client: CLIENT,
    authorizeUrl: `http://login.hadoken.localhost:${port}/authorize`,
    tokenUrl: `http://127.0.0.1:${port}/token`,
    isGood: (bearer) => state.access !== undefined && bearer === state.access,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
