import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';
import { ROUND_TRIP } from '../servers.mjs';

const SIDES = ['CORS, simple', 'CORS, preflight', 'xdomain', 'penpal', 'hadoken'];
const PUSH_SIDES = ['socket.io-client', 'hadoken'];
const ROUNDS = 7;

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
  title: `From the script to the first answer, ${ROUND_TRIP} ms of round trip between`,
  about: `From the moment the script is added to the page until the first JSON answer (a GET with an Authorization
header, except *CORS, simple*) or the first Socket.IO acknowledgement. *First visit*: a new browser profile. *Next
visit*: scripts and frames cached for an hour, connections closed in between. No compression, no limit of bandwidth:
this counts round trips.`,

  async run(context) {
    const ajax = await interleave(SIDES, ROUNDS, (side) => visitTwice(context, 'ajax', side));
    const push = await interleave(PUSH_SIDES, ROUNDS, (side) => visitTwice(context, 'push', side));
    const metric = (title, samples, base) => new Metric({ title, unit: 'ms', samples, base, digits: 0 });
    const cold = metric('first visit', ajax.cold, 'CORS, preflight');
    const warm = metric('next visit', ajax.warm, 'CORS, preflight');
    const pushCold = metric('push, first visit', push.cold, 'socket.io-client');
    const pushWarm = metric('push, next visit', push.warm, 'socket.io-client');
    const marks = [cold, warm].flatMap((visit) => [
      ...['xdomain', 'penpal'].map((peer) =>
        atMost(`${visit.title}: of ${peer}`, visit.ratio('hadoken', peer), 1, '×'),
      ),
      atMost(
        `${visit.title}: behind CORS without preflight`,
        visit.difference('hadoken', 'CORS, simple'),
        ROUND_TRIP,
        'ms',
      ),
      atMost(`${visit.title}: behind CORS with preflight`, visit.difference('hadoken'), 0, 'ms'),
    ]);
    return {
      metrics: [cold, warm, pushCold, pushWarm],
      marks: [
        ...marks,
        ...[pushCold, pushWarm].map((visit) =>
          atMost(`${visit.title}: behind socket.io-client`, visit.difference('hadoken'), ROUND_TRIP, 'ms'),
        ),
      ],
      chart: warm,
    };
  },
};
