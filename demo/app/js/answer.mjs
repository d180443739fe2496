import { el } from './dom.mjs';
import { bytes, duration, problem } from './format.mjs';
import { jsonView } from './json-view.mjs';

/** What came back: status, timing, URL, headers, body. */
export function showAnswer(box, { response, text, first, all }) {
  const headers = [...response.headers];
  box.replaceChildren(
    el(
      'p',
      { class: 'status-line' },
      el(
        'b',
        { class: response.ok ? 'badge good' : 'badge bad' },
        `${response.status} ${response.statusText}`.trim(),
      ),
      el(
        'span',
        {},
        `${duration(first)} to the head, ${duration(all)} in all, ${bytes(new Blob([text]).size)}`,
      ),
    ),
    el(
      'p',
      { class: 'url' },
      response.url,
      response.redirected ? el('b', { class: 'badge' }, 'redirected') : '',
    ),
    el('div', { class: 'body', tabindex: '0', role: 'region', 'aria-label': 'Body' }, asJson(text)),
    el(
      'details',
      {},
      el('summary', {}, `${headers.length} headers`),
      el(
        'dl',
        { class: 'headers' },
        ...headers.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
      ),
    ),
  );
}

/** An error with its code: the rules' refusal is an answer too. */
export function showProblem(box, error, ms) {
  const { name, message } = problem(error);
  const refused = name === 'POLICY_REFUSED';
  const stopped = name === 'AbortError';
  box.replaceChildren(
    el(
      'p',
      { class: 'status-line' },
      el('b', { class: stopped ? 'badge' : 'badge bad' }, name),
      el('span', {}, stopped ? `cancelled after ${duration(ms)}` : `after ${duration(ms)}`),
    ),
    el('p', { class: 'message-line' }, message),
    refused
      ? el(
          'p',
          { class: 'hint' },
          'The frame’s host.js allows /v1/* and nothing else: this request never left the browser.',
        )
      : '',
  );
}

export function showWaiting(box) {
  box.replaceChildren(el('p', { class: 'hint' }, 'On its way …'));
}

function asJson(text) {
  if (!text) return el('p', { class: 'hint' }, 'No body.');
  try {
    return jsonView(JSON.parse(text));
  } catch {
    return el('pre', {}, text);
  }
}
