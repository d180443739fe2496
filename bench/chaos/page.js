// Both clients in one page: socket.io-client itself, and hadoken.io through a frame.
const { messages, every, push, tab } = Object.fromEntries(new URLSearchParams(location.search));
const options = {
  reconnectionDelay: 100,
  reconnectionDelayMax: 400,
  randomizationFactor: 0,
  retries: 1_000,
  ackTimeout: 1_000,
  transports: ['websocket'],
};

function run(who, io) {
  const state = { sent: 0, acknowledged: 0, down: [], connects: 0, recovered: 0 };
  const socket = io({ ...options, auth: { who } });
  socket.on('connect', () => {
    state.connects++;
    if (socket.recovered) state.recovered++;
  });
  socket.on('down', (number) => state.down.push(number));
  return {
    state,
    socket,
    send: () => socket.emit('up', Number(tab), state.sent++, () => state.acknowledged++),
  };
}

const hadoken = window.hadoken.connect(`${push}/hadoken/frame.html`);
const clients = {
  direct: run('direct', (more) => window.io(push, more)),
  hadoken: run('hadoken', (more) => hadoken.io(more)),
};

window.chaos = {
  /** Resolves once both are connected. */
  ready: Promise.all(
    Object.values(clients).map(
      ({ socket }) => socket.connected || new Promise((resolve) => socket.once('connect', resolve)),
    ),
  ).then(() => true),
  /** Emits the numbers, as many a second as the server does; a hidden tab, whose timers are slowed down, several at once. */
  start() {
    const begin = performance.now();
    const timer = setInterval(() => {
      const due = Math.min(Number(messages), (performance.now() - begin) / Number(every));
      for (const client of Object.values(clients)) while (client.state.sent < due) client.send();
      if (due === Number(messages)) clearInterval(timer);
    }, Number(every));
  },
  /** How many sockets each has at the server, over all tabs. */
  async countSockets() {
    const count = ({ socket }) => socket.emitWithAck('count');
    return { direct: await count(clients.direct), hadoken: await count(clients.hadoken) };
  },
  states: () => Object.fromEntries(Object.entries(clients).map(([who, { state }]) => [who, state])),
};
