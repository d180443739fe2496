/**
 * Many clients in one process: `node load-clients.mjs <count>`. Raw WebSockets that speak Socket.IO's protocol, for
 * socket.io-client takes more memory than the server. They reconnect with jitter, and ask to be recovered.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.resolve('engine.io'));
const WebSocket = require('ws');

/** So many connections are being made at once. */
const CONNECTING = 200;

let ports = [];
let turn = 0;
const clients = [];
const total = { connected: 0, connects: 0, recovered: 0, events: 0, missing: 0, twice: 0 };

function open(client) {
  if (!ports.length) return setTimeout(open, 50, client);
  turn += 1;
  const ws = new WebSocket(
    `ws://127.0.0.1:${ports[turn % ports.length]}/socket.io/?EIO=4&transport=websocket`,
    {
      perMessageDeflate: false,
    },
  );
  client.isUp = false;
  ws.on('message', (data) => receive(client, ws, data.toString()));
  ws.on('error', () => {});
  ws.on('close', () => {
    if (client.isUp) total.connected -= 1;
    client.isUp = false;
    // As socket.io-client does: 1 s and its half, either way.
    setTimeout(open, 500 + Math.random() * 1_000, client);
  });
}

function receive(client, ws, text) {
  if (text[0] === '0') {
    const { pid, offset } = client;
    ws.send(`40${pid && offset ? JSON.stringify({ pid, offset }) : ''}`);
  } else if (text === '2') ws.send('3');
  else if (text.startsWith('40')) {
    const { pid } = JSON.parse(text.slice(2));
    total.connected += 1;
    total.connects += 1;
    if (pid && client.pid === pid) total.recovered += 1;
    else client.last = undefined;
    client.pid = pid;
    client.isUp = true;
  } else if (text.startsWith('42')) {
    const [event, number, offset] = JSON.parse(text.slice(2));
    if (event === 'n') {
      total.events += 1;
      if (client.last !== undefined && number <= client.last) total.twice += 1;
      else if (client.last !== undefined) total.missing += number - client.last - 1;
      client.last = number;
      client.offset = offset;
    } else client.offset = number;
  }
}

const count = Number(process.argv[2]);
process.on('message', ({ nodes, start }) => {
  if (nodes) ports = nodes;
  if (!start) return;
  // Not more than this at once: the kernel's queue of connections is finite, and so is what servers accept.
  const timer = setInterval(() => {
    const waiting = clients.length - total.connected;
    for (let i = waiting; i < CONNECTING && clients.length < count; i += 1) {
      const client = {};
      clients.push(client);
      open(client);
    }
    if (clients.length >= count) clearInterval(timer);
  }, 20);
});
setInterval(() => process.send(total), 100);
process.on('disconnect', () => process.exit());
