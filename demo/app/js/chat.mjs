import { el, followEnd, parts } from './dom.mjs';
import { clock } from './format.mjs';
import { log } from './log.mjs';
import { chatSocket } from './sockets.mjs';
import { fly } from './stage.mjs';
import { createTyping } from './typing.mjs';

const FIGHTERS = [
  'Ryu',
  'Ken',
  'Chun-Li',
  'Guile',
  'Blanka',
  'Dhalsim',
  'Zangief',
  'Sakura',
  'Cammy',
  'Balrog',
];
const ACK_WAIT = 5_000; // ms
const card = parts('#chat');
const receipts = new Map();
const typing = createTyping({
  input: card.text,
  output: card.typing,
  tell: (is) => chatSocket.volatile.emit('typing', is),
});

/** Chat with rooms. `join` is said again at every connect: a server that was restarted knows nobody. */
export function startChat() {
  card.name.value =
    sessionStorage.getItem('hadoken-demo-name') ?? FIGHTERS[Math.floor(Math.random() * FIGHTERS.length)];
  card.name.addEventListener('change', join);
  card.room.addEventListener('change', () => {
    card.messages.replaceChildren();
    join();
  });
  card.form.addEventListener('submit', say);

  chatSocket.on('connect', join);
  chatSocket.on('disconnect', () => showPeople([]));
  chatSocket.on('people', showPeople);
  chatSocket.on('typing', typing.heard);
  chatSocket.on('receipt', ({ id, delivered }) =>
    tick(receipts.get(id), delivered ? 'delivered' : 'sent', delivered),
  );
  chatSocket.on('message', (message, ack) => {
    ack(); // the server counts these, and tells the sender
    show(message);
    fly('in', 'chat');
  });
}

async function join() {
  const name = card.name.value.trim();
  if (!name || !chatSocket.connected) return;
  sessionStorage.setItem('hadoken-demo-name', name);
  const answer = await chatSocket
    .timeout(ACK_WAIT)
    .emitWithAck('join', { name, room: card.room.value })
    .catch((error) => ({ error: error.message }));
  if (answer.error) return log('socket', `join: ${answer.error}`, 'bad');
  if (card.messages.children.length === 0) for (const message of answer.history) show(message);
}

async function say(event) {
  event.preventDefault();
  const text = card.text.value.trim();
  if (!text) return;
  card.text.value = '';
  typing.stop();
  const line = show({ name: card.name.value, text, at: Date.now() }, 'mine');
  fly('out', 'chat');
  try {
    const answer = await chatSocket.timeout(ACK_WAIT).emitWithAck('say', text);
    if (answer.error) throw new Error(answer.error);
    receipts.set(answer.id, line);
    tick(line, 'sent');
  } catch (error) {
    tick(line, 'failed');
    log('socket', `say: ${error.message}`, 'bad');
  }
}

function show({ name, text, at }, whose = 'theirs') {
  const mark = el('span', { class: 'tick' }, whose === 'mine' ? '…' : '');
  const line = el(
    'li',
    { class: `message ${whose}` },
    el('div', { class: 'who' }, el('b', {}, name), ' ', el('time', {}, clock(new Date(at)))),
    el('div', { class: 'words' }, text, mark),
  );
  followEnd(card.messages, () => card.messages.append(line));
  return line;
}

/** … on its way, ✓ the server has it, ✓✓ others' pages have it. */
function tick(line, state, readers) {
  const mark = line?.querySelector('.tick');
  if (!mark || (state === 'sent' && mark.dataset.state === 'delivered')) return;
  mark.dataset.state = state;
  mark.textContent = { sent: '✓', delivered: '✓✓', failed: '✕' }[state];
  mark.title = { sent: 'The server has it', delivered: `On ${readers} other page(s)`, failed: 'Not sent' }[
    state
  ];
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', mark.title);
}

function showPeople(people) {
  const chips = people.map(({ id, name }) =>
    el(
      'span',
      { class: 'chip', 'data-me': id === chatSocket.id },
      id === chatSocket.id ? `${name} (you)` : name,
    ),
  );
  card.people.replaceChildren(...(chips.length ? chips : ['nobody']));
}
