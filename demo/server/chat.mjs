import { randomUUID } from 'node:crypto';

export const ROOMS = ['dojo', 'harbour', 'airbase'];
export const KEPT = 30;
const RECEIPT_WAIT = 3_000; // ms

/**
 * Namespace `/chat`.
 *   page → server   join({ name, room }, ack)   say(text, ack)   typing(boolean)
 *   server → page   message(message, ack)   typing({ id, name, typing })   people([{ id, name }])   receipt({ id, delivered })
 * `say` is acknowledged when the server has the message, `receipt` follows when the others' pages have acknowledged it.
 */
export function startChat(io, history = createHistory()) {
  const chat = io.of('/chat');

  chat.on('connection', (socket) => {
    socket.on('join', async (wanted, ack) => {
      const name = text(wanted?.name, 24);
      const room = wanted?.room;
      if (!name || !ROOMS.includes(room))
        return answer(ack, { error: `Give a name and one of: ${ROOMS.join(', ')}.` });
      await leave(chat, socket);
      Object.assign(socket.data, { name, room });
      await socket.join(room);
      answer(ack, { room, history: await history.list(room) });
      await tellPeople(chat, room);
    });

    socket.on('say', async (said, ack) => {
      const { name, room } = socket.data;
      const words = text(said, 500);
      if (!room) return answer(ack, { error: 'Join a room first.' });
      if (!words) return answer(ack, { error: 'There is nothing to say.' });
      const message = { id: randomUUID(), name, text: words, at: Date.now() };
      await history.add(room, message);
      answer(ack, { id: message.id, at: message.at });
      socket.emit('receipt', { id: message.id, delivered: await deliver(socket, room, message) });
    });

    socket.on('typing', (typing) => {
      const { name, room } = socket.data;
      if (room)
        socket.to(room).volatile.emit('typing', { id: socket.id, name, typing: typing === true });
    });

    socket.on('disconnect', () => leave(chat, socket));
  });
}

/** The last lines of each room, in this process. */
function createHistory() {
  const rooms = new Map(ROOMS.map((room) => [room, []]));
  return {
    list: (room) => rooms.get(room),
    add: (room, message) => rooms.set(room, [...rooms.get(room), message].slice(-KEPT)),
  };
}

/** To all in the room but the sender; how many of their pages acknowledged it. */
async function deliver(socket, room, message) {
  try {
    return (await socket.to(room).timeout(RECEIPT_WAIT).emitWithAck('message', message)).length;
  } catch (error) {
    return error.responses?.length ?? 0; // some were too slow
  }
}

async function leave(chat, socket) {
  const { name, room } = socket.data;
  if (!room) return;
  socket.data.room = undefined;
  await socket.leave(room);
  socket.to(room).emit('typing', { id: socket.id, name, typing: false });
  await tellPeople(chat, room);
}

async function tellPeople(chat, room) {
  const sockets = await chat.in(room).fetchSockets();
  chat.to(room).emit(
    'people',
    sockets.map(({ id, data }) => ({ id, name: data.name })),
  );
}

function text(value, longest) {
  return typeof value === 'string' ? value.trim().slice(0, longest) : '';
}

function answer(ack, value) {
  if (typeof ack === 'function') ack(value);
}
