/** Socket.IO's handshake, by each transport, as the frame would make it. */
import { WebSocket } from 'ws';
import { ask } from './ask.mjs';
import { CONNECTING } from './lookup.mjs';
import { describeNetworkError } from './network-errors.mjs';
import { quote } from './report.mjs';

/** A session is opened and closed so often: behind a balancer without sticky sessions one of them fails. */
const SESSIONS = 3;

/** @typedef {{ ok: boolean, why?: string, isOld?: boolean, isLost?: boolean, cors?: string }} Outcome */

function endpoint({ url, path }, transport) {
  const target = new URL(`${path.replace(/\/$/, '')}/`, url);
  target.search = `EIO=4&transport=${transport}`;
  return target;
}

function readOpen(text) {
  try {
    return text[0] === '0' ? JSON.parse(text.slice(1)) : undefined;
  } catch {
    return undefined;
  }
}

/** Opens a session by polling, and closes it again. @returns {Promise<Outcome>} */
async function tryPolling(io, { frame, timeout }) {
  const url = endpoint(io, 'polling');
  const isForeign = url.origin !== frame.origin;
  const headers = isForeign ? { Origin: frame.origin } : {};
  let answer;
  try {
    answer = await ask(url, { timeout, headers });
  } catch (error) {
    return { ok: false, why: describeNetworkError(url, error, timeout)[1] };
  }
  const { status, text } = answer;
  // Engine.IO 3 puts the length before each packet.
  if (/^\d+:0\{/.test(text) || /Unsupported protocol version/.test(text))
    return { ok: false, isOld: true, why: 'it is of version 2' };
  const open = status === 200 ? readOpen(text) : undefined;
  if (!open?.sid)
    return { ok: false, why: `${url.href} answered ${status}: ${quote(text.slice(0, 60))}` };
  const cors = isForeign ? answer.header('access-control-allow-origin') : '*';
  url.searchParams.set('sid', open.sid);
  const close = await ask(url, {
    timeout,
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'text/plain;charset=UTF-8' },
    body: '1',
  }).catch(() => undefined);
  return { ok: true, cors, isLost: /Session ID unknown/.test(close?.text ?? '') };
}

/** Opens a WebSocket until the server's first packet is there. @returns {Promise<Outcome>} */
function tryWebSocket(io, { frame, timeout }) {
  const url = endpoint(io, 'websocket');
  url.protocol = url.protocol.replace('http', 'ws');
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      ...CONNECTING,
      origin: frame.origin,
      handshakeTimeout: timeout,
    });
    const settle = (outcome) => {
      clearTimeout(timer);
      resolve(outcome);
      socket.terminate();
    };
    const timer = setTimeout(settle, timeout, { ok: false, why: `no packet within ${timeout} ms` });
    socket.on('message', (data) => {
      const isOpen = !!readOpen(String(data))?.sid;
      settle(
        isOpen
          ? { ok: true }
          : { ok: false, why: `its first packet is ${quote(String(data).slice(0, 60))}` },
      );
    });
    socket.on('unexpected-response', (_request, { statusCode }) =>
      settle({ ok: false, why: `${url.href} answered ${statusCode} and no 101` }),
    );
    socket.on('close', () =>
      settle({ ok: false, why: `${url.href} was closed before its first packet` }),
    );
    socket.on('error', ({ message }) => settle({ ok: false, why: message }));
  });
}

/** Whether a session that is opened by one request is known to the next, of several. */
async function isSticky(io, context, first) {
  let { isLost } = first;
  for (let count = 1; count < SESSIONS && !isLost; count++)
    ({ isLost } = await tryPolling(io, context));
  return !isLost;
}

/**
 * @param {{ url: string, path: string, transports: string[] }} io as host.js allows it
 * @param {object} context see deployment.mjs
 */
export async function checkSocketIo(io, context) {
  const { frame, report } = context;
  const server = io.url + io.path;
  const wants = (name) => io.transports.includes(name);
  if (frame.protocol === 'https:' && new URL(io.url).protocol === 'http:')
    return report.add(
      'mixed-content',
      `io.url in host.js is ${io.url}, and an https frame can't connect there. Use https.`,
    );
  const [polling, socket] = await Promise.all([tryPolling(io, context), tryWebSocket(io, context)]);
  if (polling.isOld)
    return report.add(
      'io-version',
      `${server} is a Socket.IO of version 2, which the frame's client does not speak. Update the server to 3 or later.`,
    );
  const isLet = polling.cors === '*' || polling.cors === frame.origin;
  const byPolling = wants('polling') && polling.ok && isLet;
  const bySocket = wants('websocket') && socket.ok;
  const origins = `Give its option cors the origin ${frame.origin}, which is the frame's.`;
  if (!byPolling && !bySocket) {
    const reasons = [
      ...(wants('websocket') ? [`websocket: ${socket.why}`] : []),
      ...(wants('polling')
        ? [
            `polling: ${polling.why ?? `Access-Control-Allow-Origin is ${quote(polling.cors ?? 'missing')}`}`,
          ]
        : []),
    ].join('; ');
    const remedy =
      polling.ok && !isLet
        ? origins
        : 'Start the server, pass its path on in the proxy, or see to io.url and io.path in host.js.';
    return report.add(
      'io-missing',
      `host.js allows io, and no Socket.IO server answers at ${server} (${reasons}). ${remedy}`,
    );
  }
  if (wants('websocket') && !socket.ok)
    report.add(
      'io-websocket',
      `${server} takes no WebSocket (${socket.why}), so push goes by polling. Pass Upgrade and Connection on in the proxy, with HTTP/1.1.`,
    );
  if (!wants('polling')) return;
  if (!polling.ok)
    report.add(
      'io-polling',
      `${server} can't be polled (${polling.why}), so there is nothing to fall back on. Allow polling on the server, or say transports: ['websocket'] in host.js.`,
    );
  else if (!isLet)
    report.add(
      'io-cors',
      `${server} is on another origin than the frame, and can't be polled from there: Access-Control-Allow-Origin is ${quote(polling.cors ?? 'missing')}. ${origins}`,
    );
  else if (!(await isSticky(io, context, polling)))
    report.add(
      'io-sticky',
      `${server} forgets sessions of polling from one request to the next: there are several servers behind it. Make the balancer's sessions sticky, or say transports: ['websocket'] in host.js.`,
    );
}
