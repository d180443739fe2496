/**
 * The Socket.IO server that bench/chaos.mjs kills. A process of its own; what has to outlive it is in files: each
 * tab's numbers as they came (`<folder>/up-<who>-<tab>.log`), and how far the numbers for the pages have gone.
 *
 *   node server.mjs <port> <folder> <messages> <every ms>
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Server } from 'socket.io';

const [port, folder, messages, every] = process.argv.slice(2);
const counter = join(folder, 'down.txt');
let down = existsSync(counter) ? Number(readFileSync(counter, 'utf8')) : 0;

const http = createServer();
const io = new Server(http, {
  serveClient: false,
  pingInterval: 500,
  pingTimeout: 500,
  connectionStateRecovery: { maxDisconnectionDuration: 30_000 },
});
io.on('connection', (socket) => {
  const { who } = socket.handshake.auth;
  socket.join(who);
  socket.on('up', (tab, number, ack) => {
    appendFileSync(join(folder, `up-${who}-${tab}.log`), `${number}\n`);
    ack();
  });
  socket.on('count', (ack) => ack(io.sockets.adapter.rooms.get(who).size));
});
setInterval(() => {
  // Nothing is missed by a page that never was there: both have to have come once.
  if (!existsSync(join(folder, 'go'))) return;
  if (down >= Number(messages)) return;
  // In one step: a kill between emptying and filling the file would start the numbers anew.
  writeFileSync(`${counter}.new`, String(down + 1));
  renameSync(`${counter}.new`, counter);
  io.emit('down', down++);
}, Number(every));
http.listen(Number(port), '127.0.0.1', () => process.send?.('listening'));
