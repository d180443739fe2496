import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';

const KIBIBYTE = 1_024;
const gzipped = (code) => gzipSync(code, { level: 9 }).length / KIBIBYTE;

const WHY_PAGE = `the mark is of before the border's second round, classes of our own for EventSource and WebSocket, handles, streams of services and reports. All of them
answer at once, so none can be loaded when it is needed. Of the minified code a fifth is Socket.IO's facade, and a sixth the streams'.`;
const WHY_FRAME = `the mark is of before the vault, notices, streams of services, times and the checks of options. Socket.IO's client, the hub, the vault and msgpack are
chunks already; what is left is what a first request needs, but for some 5 KiB.`;

/** What a page loads: each package's own minified build. */
const FILES = {
  hadoken: 'dist/hadoken.js',
  comlink: 'node_modules/comlink/dist/umd/comlink.min.js',
  penpal: 'node_modules/penpal/dist/penpal.min.js',
  'post-robot': 'node_modules/post-robot/dist/post-robot.min.js',
  xdomain: 'node_modules/xdomain/dist/xdomain.min.js',
  'socket.io-client': 'node_modules/socket.io-client/dist/socket.io.min.js',
  axios: 'node_modules/axios/dist/axios.min.js',
};

export const size = {
  name: 'size',
  title: 'What a page loads',
  about: `Minified builds as their packages ship them, without source maps. hadoken.js has fetch, sockets, EventSource,
WebSocket and service calls in it; Socket.IO's client is loaded by the frame, off the page.`,

  async run() {
    const codes = await Promise.all(
      Object.entries(FILES).map(async ([side, file]) => [
        side,
        await readFile(new URL(`../../${file}`, import.meta.url)),
      ]),
    );
    const metric = (title, measure) =>
      new Metric({
        title,
        unit: 'KiB',
        samples: Object.fromEntries(
          codes.map(([side, code]) => [side, [measure(code).length / KIBIBYTE]]),
        ),
        base: 'hadoken',
      });
    const gzip = metric('gzip', (code) => gzipSync(code, { level: 9 }));
    const bytes = gzip.median('hadoken');
    const frame = await readFile(new URL('../../dist/frame.js', import.meta.url));
    return {
      metrics: [
        metric('raw', (code) => code),
        gzip,
        metric('brotli', (code) => brotliCompressSync(code)),
      ],
      marks: [
        atMost('page side, gzip', bytes, 9, 'KiB', { why: WHY_PAGE }),
        atMost('frame.js, gzip', gzipped(frame), 16, 'KiB', { why: WHY_FRAME }),
      ],
      charts: { size: gzip },
    };
  },
};
