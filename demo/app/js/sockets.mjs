import { hadoken } from './client.mjs';
import { log } from './log.mjs';

const watchers = new Set();

/** This tab's own: in the chat each window is somebody else. */
const manager = new hadoken.Manager({ forceNew: true });
/** Namespace `/`: the ticker. */
export const tickerSocket = manager.socket('/');
/** Namespace `/chat`. */
export const chatSocket = manager.socket('/chat');

for (const [name, socket] of [
  ['/', tickerSocket],
  ['/chat', chatSocket],
]) {
  socket.on('connect', () => tell(`${name} connected as ${socket.id}`, 'good'));
  socket.on('disconnect', (reason) => tell(`${name} disconnected: ${reason}`, 'bad'));
  socket.on('connect_error', (error) => tell(`${name} can’t connect: ${error.message}`, 'bad'));
}

/** Calls `watcher(allConnected)` whenever that may have changed. */
export function watchSockets(watcher) {
  watchers.add(watcher);
}

function tell(text, mood) {
  log('socket', text, mood);
  for (const watcher of watchers) watcher(tickerSocket.connected && chatSocket.connected);
}
