import { el, parts } from './dom.mjs';
import { log } from './log.mjs';
import { tickerSocket } from './sockets.mjs';

const LOOK = 1_000; // ms between two looks at which nodes there are
const ACK_WAIT = 2_000; // ms
const card = parts('#cluster');
const counts = { missing: 0, twice: 0, recovered: 0 };
let last;

/** The cluster card, where there is a cluster (`npm run start:cluster`). */
export async function startCluster() {
  const { cluster } = await (await fetch('/control/push')).json();
  if (!cluster) return;
  card.root.hidden = false;
  tickerSocket.on('tick', ({ count }) => follow(count));
  tickerSocket.on('connect', () => {
    if (tickerSocket.recovered) counts.recovered += 1;
    else last = undefined; // a new session begins with what comes
    show();
  });
  look();
}

/** Ticks are numbered over all app nodes, so a number that is left out was lost. */
function follow(number) {
  if (last !== undefined && number <= last) counts.twice += 1;
  else if (last !== undefined) counts.missing += number - last - 1;
  last = Math.max(last ?? 0, number);
  show();
}

function show() {
  card.number.textContent = last ?? '–';
  for (const [name, value] of Object.entries(counts)) card[name].textContent = value;
}

async function look() {
  try {
    showNodes(await (await fetch('/control/cluster')).json());
  } catch {
    // The demo is being stopped.
  }
  tickerSocket.timeout(ACK_WAIT).emit('where', (error, where) => {
    card.root.querySelector('[data-io-node]').textContent = error ? '…' : where.ioNode;
    card.root.querySelector('[data-app-node]').textContent = error ? '…' : where.appNode;
  });
  setTimeout(look, LOOK);
}

/** The buttons stay the same elements, so that one that has the focus keeps it. */
function showNodes(nodes) {
  for (const { name, running } of nodes) {
    let button = card.nodes.querySelector(`[data-node="${name}"]`);
    if (!button) {
      button = el('button', { type: 'button', 'data-node': name });
      button.addEventListener('click', () => order(name, button.dataset.running === 'true'));
      card.nodes.append(button);
    }
    button.dataset.running = running;
    button.className = running ? 'danger' : '';
    button.textContent = `${running ? 'Kill' : 'Start'} ${name}`;
  }
}

async function order(name, running) {
  const what = running ? 'kill' : 'start';
  log('demo', `${name}: ${what}`, running ? 'bad' : 'good');
  const response = await fetch(`/control/cluster/${what}?node=${name}`, { method: 'POST' });
  if (response.ok) showNodes(await response.json());
  else log('demo', `${name}: the app’s server answered ${response.status}`, 'bad');
}
