import { loadScript, origin } from './measure.js';

const push = origin('push');
const side = origin('side');
const room = origin('room');
const query = { room };

async function prepare() {
  if (side === 'socket.io-client') {
    await loadScript('/modules/socket.io-client/dist/socket.io.min.js');
    return connect(io(push, { transports: ['websocket'], query }));
  }
  const folder = side === 'hadoken, shared' ? 'shared' : 'hadoken';
  await loadScript(`${push}/hadoken/hadoken.js`, { 'data-frame': `${push}/${folder}/frame.html` });
  await hadoken.ready;
  return connect(hadoken.io('/', { query }));
}

let socket;
let connectTime;
async function connect(made) {
  const start = performance.now();
  socket = made;
  await new Promise((resolve) => socket.on('connect', resolve));
  connectTime = performance.now() - start;
}

/** The longest that a timer which wants to run every 4 ms was kept waiting, in ms. */
function watchMainThread() {
  let last = performance.now();
  let worst = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - 4);
    last = now;
  }, 4);
  return () => {
    clearInterval(timer);
    return worst;
  };
}

window.bench = {
  ready: prepare(),
  connectTime: () => connectTime,
  id: () => socket.id,
  /** Gets ready for `count` events: `wait()` resolves with when the last came, and the worst block until then. */
  listen(count) {
    const stop = watchMainThread();
    let seen = 0;
    window.done = new Promise((resolve, reject) => {
      const onTick = ({ id }) => {
        if (id !== seen++) reject(new Error(`event ${id} came as number ${seen}`));
        if (seen < count) return;
        socket.off('tick', onTick);
        resolve({ time: performance.timeOrigin + performance.now(), block: stop() });
      };
      socket.on('tick', onTick);
    });
  },
  start(count) {
    socket.emit('burst-room', count);
    return performance.timeOrigin + performance.now();
  },
  wait: () => window.done,
};
