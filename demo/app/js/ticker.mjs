import { parts } from './dom.mjs';
import { clock } from './format.mjs';
import { tickerSocket } from './sockets.mjs';
import { drawSpark } from './sparkline.mjs';
import { fly } from './stage.mjs';

const POINTS = 60;
const card = parts('#ticker');
const trips = [];

/** The date that the server pushes every second, and how long a ping takes with it. */
export function startTicker() {
  tickerSocket.on('tick', ({ now, count, clients }) => {
    const date = new Date(now);
    card.clock.textContent = clock(date);
    card.date.textContent = date.toLocaleDateString('en-GB', {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
    });
    card.count.textContent = count.toLocaleString('en');
    card.clients.textContent = clients;
    fly('in', 'push');
    measure();
  });
  tickerSocket.on('connect', () => card.root.classList.remove('stale'));
  tickerSocket.on('disconnect', () => card.root.classList.add('stale'));
}

function measure() {
  if (document.hidden) return; // throttled, and nobody looks
  const start = performance.now();
  tickerSocket.emit('ping:now', () => {
    const ms = performance.now() - start;
    trips.push(ms);
    if (trips.length > POINTS) trips.shift();
    card.rtt.textContent = `${ms.toFixed(1)} ms`;
    drawSpark(card.spark, trips, POINTS);
  });
}
