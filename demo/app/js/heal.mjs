import { hadoken, isOneOrigin } from './client.mjs';
import { parts } from './dom.mjs';
import { duration } from './format.mjs';
import { log } from './log.mjs';
import { watchSockets } from './sockets.mjs';
import { showServer } from './stage.mjs';

const card = parts('#heal');
let downSince;
let healed = 0;
let wasUp = false;

/** Switches that break things. The page is never reloaded: what comes back, comes back by itself. */
export function startHeal() {
  if (isOneOrigin)
    card.explain.textContent =
      'One origin: only the Socket.IO part of the server can be stopped here.';
  card.stop.addEventListener('click', () => order('stop'));
  card.start.addEventListener('click', () => order('start'));
  card.reconnect.addEventListener('click', () => hadoken.reconnect());
  card.tear.addEventListener('click', () => {
    log('demo', 'the frame is torn out of the document', 'bad');
    for (const place of document.querySelectorAll('.hadoken')) place.remove();
  });
  watchSockets(show);
  show(false);
  order();
  setInterval(() => {
    const minutes = Math.floor(performance.now() / 60_000);
    card.root.querySelector('[data-since]').textContent = minutes
      ? `${minutes} min ago`
      : 'just now';
  }, 10_000);
}

/** A plain fetch to the app's own server: it is what starts and stops the push server. */
async function order(what) {
  try {
    if (what) log('demo', `the server is asked to ${what}`);
    const response = await fetch(what ? `/control/push/${what}` : '/control/push', {
      method: what ? 'POST' : 'GET',
    });
    if (!response.ok) throw new Error(`the app’s server answered ${response.status}`);
    const { running } = await response.json();
    card.server.textContent = running ? 'running' : 'stopped';
    card.root.dataset.server = running ? 'up' : 'down';
    showServer(running);
    card.stop.disabled = !running;
    card.start.disabled = running;
    if (what) card[running ? 'stop' : 'start'].focus(); // the one that was pressed is off now
  } catch (error) {
    log('demo', `control: ${error.message}`, 'bad');
  }
}

function show(connected) {
  card.sockets.textContent = connected ? 'connected' : 'trying';
  card.root.dataset.sockets = connected ? 'up' : 'down';
  if (!connected && wasUp) {
    downSince ??= performance.now();
    card.healed.firstChild.textContent = 'Broken. It will heal by itself once it can. Page loaded ';
  }
  wasUp ||= connected;
  if (!connected || downSince === undefined) return;
  healed += 1;
  const text = `${healed} time${healed > 1 ? 's' : ''} healed`;
  card.healed.firstChild.textContent = `${text}, last after ${duration(performance.now() - downSince)}. Page loaded `;
  log('demo', `healed after ${duration(performance.now() - downSince)}`, 'good');
  downSince = undefined;
}
