import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';
import { ROUND_TRIP } from '../servers.mjs';

const SIDES = [
  'CORS, simple',
  'CORS, preflight',
  'xdomain',
  'penpal',
  'hadoken',
  'hadoken, hinted',
  'hadoken, packed',
  'hadoken, packed and bundled',
];
const PUSH_SIDES = [
  'socket.io-client',
  'hadoken',
  'hadoken, hinted',
  'hadoken, packed',
  'hadoken, packed and bundled',
];
const ROUNDS = 7;
const WHY_COLD = `a first visit is six round trips one after another (connection, hadoken.js, frame.html, frame.js,
host.js, the request), penpal's is four, for its frame is a page with its script in it, and CORS needs two, or three
with its preflight. The second visit, with the files cached, is two for everybody.`;
const WHY_HINTED = `frame.html can't be fetched before hadoken.js has run, and over HTTP/1.1 files side by side need
connections of their own first; HTTP/2 does not.`;
const WHY_PUSH = `the same six, and frame.io.js, which is loaded when the first socket is asked for.`;
const WHY_PACKED = `the frame is one round trip; what is left is reading its script twice, in the window and in the worker, and for push\nthe chunk that has it.`;
const WHY_NEXT = `no round trip more than theirs (the server sees one request, or one upgrade); what is left is the start of
the frame and its worker, from the cache. penpal's frame has no worker, and socket.io-client neither.`;

/** ms of a first visit (nothing cached) and of the next one by the same browser, each with no connection open. */
async function visitTwice({ browser, origins, hangUp }, kind, side) {
  const profile = await browser.newProfile();
  const visit = async () => {
    hangUp();
    const page = await profile.open(`${origins.app}/suites/start?far=${origins.far}`);
    const value = await page.call(kind, side);
    await page.close();
    return value;
  };
  const sample = { cold: await visit(), warm: await visit() };
  await profile.close();
  return sample;
}

export const start = {
  name: 'start',
  title: `Script to first answer, ${ROUND_TRIP} ms round trip`,
  about: `From the moment the script is added to the page until the first JSON answer (a GET with an Authorization
header, except *CORS, simple*) or the first Socket.IO acknowledgement. *First visit*: a new browser profile. *Next
visit*: scripts and frames cached for an hour, connections closed in between. *hadoken, hinted*: the page also has
\`<link rel="prefetch">\` for the frame's scripts. *hadoken, packed*: the frame is one file, made by \`npx hadoken pack\`; *and bundled*: hadoken comes
with the page's own code. Scripts come from the API's server, by HTTP/1.1, without
compression or a limit of bandwidth: this counts round trips.`,

  async run(context) {
    const ajax = await interleave(SIDES, ROUNDS, (side) => visitTwice(context, 'ajax', side));
    const push = await interleave(PUSH_SIDES, ROUNDS, (side) => visitTwice(context, 'push', side));
    const metric = (title, samples, base) =>
      new Metric({ title, unit: 'ms', samples, base, digits: 0 });
    const cold = metric('first visit', ajax.cold, 'CORS, preflight');
    const warm = metric('next visit', ajax.warm, 'CORS, preflight');
    const pushCold = metric('push, first visit', push.cold, 'socket.io-client');
    const pushWarm = metric('push, next visit', push.warm, 'socket.io-client');
    const behind = (visit, side, base, more) =>
      atMost(
        `${visit.title}: ${side} behind ${base}`,
        visit.difference(side, base),
        ROUND_TRIP,
        'ms',
        more,
      );
    const marks = [cold, warm].flatMap((visit) => [
      ...['xdomain', 'penpal'].map((peer) =>
        atMost(`${visit.title}: of ${peer}`, visit.ratio('hadoken', peer), 1, '×', {
          why: visit === cold ? WHY_COLD : WHY_NEXT,
        }),
      ),
      behind(visit, 'hadoken', 'CORS, simple', { why: visit === cold ? WHY_COLD : WHY_NEXT }),
      behind(visit, 'hadoken', 'CORS, preflight', { why: visit === cold ? WHY_COLD : WHY_NEXT }),
    ]);
    marks.push(
      atMost(
        'next visit: of CORS, preflight',
        warm.ratio('hadoken', 'CORS, preflight'),
        0.72,
        '×',
        { why: WHY_NEXT },
      ),
      behind(cold, 'hadoken, hinted', 'CORS, preflight', { aim: true, why: WHY_HINTED }),
      atMost(
        'first visit, packed and bundled: of CORS, preflight',
        cold.ratio('hadoken, packed and bundled', 'CORS, preflight'),
        1.1,
        '×',
        { why: WHY_PACKED },
      ),
      atMost(
        'first visit, packed: of CORS, preflight',
        cold.ratio('hadoken, packed', 'CORS, preflight'),
        1.4,
        '×',
        { why: WHY_PACKED },
      ),
      atMost(
        'push, first visit, packed and bundled: of socket.io-client',
        pushCold.ratio('hadoken, packed and bundled', 'socket.io-client'),
        1.15,
        '×',
        { why: WHY_PACKED },
      ),
    );
    for (const visit of [pushCold, pushWarm])
      marks.push(
        behind(visit, 'hadoken', 'socket.io-client', {
          why: visit === pushCold ? WHY_PUSH : WHY_NEXT,
        }),
      );
    marks.push(behind(pushCold, 'hadoken, hinted', 'socket.io-client', { aim: true }));
    return {
      metrics: [cold, warm, pushCold, pushWarm],
      marks,
      charts: { 'start-first': cold, 'start-next': warm },
    };
  },
};
