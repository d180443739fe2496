import { hadoken } from './client.mjs';
import { el, parts } from './dom.mjs';
import { clock, duration, problem } from './format.mjs';

const KEPT = 12;
const card = parts('#requests');

const cell = (text, name, title) => el('td', { class: name, title }, text);

/** What the server itself says it took, of its Server-Timing header. */
function ofServer(serverTiming) {
  return serverTiming
    .map(({ name, duration: ms, description }) => `${description || name} ${duration(ms)}`)
    .join(', ');
}

function toRow({ method, url, status, error, timing, serverTiming }) {
  const { pathname } = new URL(url);
  const { frame, resource } = timing;
  const answered = timing.responseStart ?? timing.responseEnd;
  const network = resource?.requestStart && resource.responseStart - resource.requestStart;
  const inFrame = network || (frame && frame.responseStart - frame.fetchStart);
  const outcome = error ? problem(error).name : `${status}`;
  return el(
    'tr',
    { class: error || status >= 400 ? 'bad' : undefined },
    cell(clock(), 'when'),
    cell(method, 'method'),
    cell(pathname, 'path', url),
    cell(outcome, 'outcome'),
    cell(duration(answered - timing.startTime), 'number'),
    cell(inFrame === undefined ? '–' : duration(inFrame), 'number'),
    cell(ofServer(serverTiming) || '–', 'number'),
  );
}

/** The last requests of this page, newest first, by `hadoken.on('request')`. */
export function startRequests() {
  hadoken.on('request', (report) => {
    card.none?.remove();
    card.rows.prepend(toRow(report));
    while (card.rows.children.length > KEPT) card.rows.lastElementChild.remove();
  });
}
