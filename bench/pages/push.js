import { loadScript, origin } from './measure.js';

const push = origin('push');
const sockets = {};

const connected = (socket) => new Promise((resolve) => socket.on('connect', resolve));

async function prepare() {
  await loadScript('/modules/socket.io-client/dist/socket.io.min.js');
  await loadScript(`${push}/hadoken/hadoken.js`);
  sockets['socket.io-client'] = io(push, { transports: ['websocket'] });
  sockets.hadoken = hadoken.io();
  await Promise.all(Object.values(sockets).map(connected));
}

/** A timer that wants to run every 4 ms, until stopped: `worst` is the longest that it was kept waiting, in ms. */
function watchMainThread() {
  const every = 4;
  let last = performance.now();
  let worst = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - every);
    last = now;
  }, every);
  return () => {
    clearInterval(timer);
    return Math.max(worst, performance.now() - last - every);
  };
}

function burst(side, count) {
  const socket = sockets[side];
  return new Promise((resolve, reject) => {
    let seen = 0;
    const onTick = ({ id }) => {
      if (id !== seen++) reject(new Error(`${side}: event ${id} came as number ${seen}`));
    };
    socket.on('tick', onTick);
    socket.once('done', () => {
      socket.off('tick', onTick);
      if (seen === count) resolve();
      else reject(new Error(`${side}: ${seen} events came of ${count}`));
    });
    socket.emit('burst', count);
  });
}

window.bench = {
  ready: prepare(),
  /** Events per s. */
  async burst(side, count) {
    const start = performance.now();
    await burst(side, count);
    return (1_000 * count) / (performance.now() - start);
  },
  /** ms. */
  async worstBlock(side, count) {
    const stop = watchMainThread();
    await burst(side, count);
    return stop();
  },
  /** ms of each round trip. */
  async acks(side, count) {
    const times = [];
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      const answer = await sockets[side].emitWithAck('echo', i);
      times.push(performance.now() - start);
      if (answer !== i) throw new Error(`${side}: the answer to ${i} was ${answer}`);
    }
    return times;
  },
};
