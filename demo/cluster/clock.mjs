import { io } from 'socket.io-client';

const PERIOD = 1_000; // ms

/**
 * The clock that the app nodes tick by, as a price feed or a cron job would: a client of the cluster, outside of it. It sends each
 * number until it is acknowledged, one at a time; see app-node.mjs for how each comes to the pages exactly once.
 *
 * @param {string} url of the proxy
 * @param {string} key what the io nodes let it in by
 */
export function startClock(url, key) {
  const socket = io(`${url}/clock`, {
    ackTimeout: 5_000,
    auth: { key },
    reconnectionDelayMax: 1_000,
    retries: Number.POSITIVE_INFINITY,
    transports: ['websocket'],
  });
  let count = 0;
  setInterval(() => {
    count += 1;
    socket.emit('tick', count);
  }, PERIOD);
}
