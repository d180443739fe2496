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

/** Runs from task to task until stopped; `worst` is the longest that the page could do nothing else, in ms. */
function watchMainThread() {
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  let worst = 0;
  let running = true;
  port1.onmessage = () => {
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
    if (running) port2.postMessage(0);
  };
  port2.postMessage(0);
  return () => {
    running = false;
    return worst;
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
