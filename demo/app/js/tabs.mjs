import { hadoken } from './client.mjs';
import { el, parts } from './dom.mjs';
import { log } from './log.mjs';

const card = parts('#tabs');
const id = crypto.randomUUID();
const shop = document.querySelector('meta[name="hadoken-shop"]').content;
let socket;

/** One socket for all tabs of this browser, and a switch to have one of its own again. */
export function startTabs() {
  card.open.addEventListener('click', () => {
    const opened = [1, 2, 3].filter(() => window.open(`${shop}/`)).length;
    if (opened < 3)
      card.explain.textContent = `The browser has opened ${opened} of 3: allow pop-ups for this page.`;
  });
  card.own.addEventListener('change', join);
  setInterval(say, 2_000);
  addEventListener('pagehide', () => socket.emit('gone', id));
  join();
}

function join() {
  socket?.emit('gone', id);
  socket?.disconnect();
  // A page that passes this does not share.
  socket = hadoken.io('/tabs', card.own.checked ? { multiplex: false } : {});
  socket.on('connect', () => {
    log('tabs', `connected as ${socket.id}`, 'good');
    card.id.textContent = socket.id;
    say();
  });
  socket.on('list', show);
}

const say = () => void (socket.connected && socket.emit('here', id, location.origin));

function show({ origins, sockets }) {
  card.id.textContent = socket.id ?? '–';
  card.sockets.textContent = sockets;
  const chips = Object.entries(origins).map(([origin, count]) =>
    el('span', { class: 'chip' }, `${count} × ${new URL(origin).hostname}`),
  );
  card.sharing.replaceChildren(...chips);
}
