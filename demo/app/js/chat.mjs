import { createLines } from './chat-lines.mjs';
import { el, parts } from './dom.mjs';
import { log } from './log.mjs';
import { chatSocket } from './sockets.mjs';
import { fly } from './stage.mjs';
import { createTyping } from './typing.mjs';

const FIGHTERS = 'Ryu Ken Chun-Li Guile Blanka Dhalsim Zangief Sakura Cammy Balrog'.split(' ');
const ACK_WAIT = 5_000; // ms
const card = parts('#chat');
const lines = createLines(card.messages);
const receipts = new Map();
/** Ids of what is on the page: the room's history fills the gaps after a reconnect. */
const known = new Set();
/** What was said while nobody could hear: sent once the room is joined (again). */
const outbox = [];
let joined = false;

const typing = createTyping({
  input: card.text,
  output: card.typing,
  tell: (is) => chatSocket.volatile.emit('typing', is),
});

/** Chat with rooms. `join` is said again at every connect: a server that was restarted knows nobody. */
export function startChat() {
  const any = FIGHTERS[Math.floor(Math.random() * FIGHTERS.length)];
  card.name.value = sessionStorage.getItem('hadoken-demo-name') ?? any;
  card.name.addEventListener('change', join);
  card.room.addEventListener('change', () => {
    card.messages.replaceChildren();
    known.clear();
    join();
  });
  card.form.addEventListener('submit', say);

  chatSocket.on('connect', join);
  chatSocket.on('disconnect', () => {
    joined = false;
    showPeople([]);
  });
  chatSocket.on('people', showPeople);
  chatSocket.on('typing', typing.heard);
  chatSocket.on('receipt', ({ id, delivered }) => {
    if (delivered) lines.tick(receipts.get(id), 'delivered', delivered);
    receipts.delete(id);
  });
  chatSocket.on('message', (message, ack) => {
    ack(); // the server counts these, and tells the sender
    hear(message);
    fly('in', 'chat');
  });
}

function hear(message) {
  if (known.has(message.id)) return;
  known.add(message.id);
  lines.show(message);
}

function join() {
  const name = card.name.value.trim();
  const room = card.room.value;
  if (!name || !chatSocket.connected) return;
  sessionStorage.setItem('hadoken-demo-name', name);
  chatSocket.timeout(ACK_WAIT).emit('join', { name, room }, (error, answer) => {
    const problem = error?.message ?? answer.error;
    if (problem) return log('socket', `join: ${problem}`, 'bad');
    answer.history.forEach(hear);
    joined = true;
    flush();
  });
}

function say(event) {
  event.preventDefault();
  const text = card.text.value.trim();
  if (!text) return;
  card.text.value = '';
  typing.stop();
  outbox.push({ text, line: lines.show({ name: card.name.value, text, at: Date.now() }, 'mine') });
  flush();
}

function flush() {
  while (joined && outbox.length > 0) {
    const { text, line } = outbox.shift();
    fly('out', 'chat');
    // A callback, not a promise: the receipt may come in the same breath, and must find its line.
    chatSocket.timeout(ACK_WAIT).emit('say', text, (error, answer) => {
      const problem = error?.message ?? answer.error;
      if (problem) {
        log('socket', `say: ${problem}`, 'bad');
      } else {
        known.add(answer.id);
        receipts.set(answer.id, line);
      }
      lines.tick(line, problem ? 'failed' : 'sent');
    });
  }
}

function showPeople(people) {
  const chips = people.map(({ id, name }) => {
    const me = id === chatSocket.id;
    return el('span', { class: 'chip', 'data-me': me }, me ? `${name} (you)` : name);
  });
  card.people.replaceChildren(...(chips.length > 0 ? chips : ['nobody']));
}
