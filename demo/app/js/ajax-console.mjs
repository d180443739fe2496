import { showAnswer, showProblem, showWaiting } from './answer.mjs';
import { el, parts } from './dom.mjs';
import { presets } from './presets.mjs';
import { trackedFetch } from './tracked-fetch.mjs';

const card = parts('#ajax');
let flight;

/** A request by hand, and everything that came back. */
export function startConsole() {
  card.presets.append(
    ...presets.map((preset) => {
      const button = el(
        'button',
        { type: 'button', class: preset.refused ? 'preset refused' : 'preset' },
        preset.label,
      );
      button.addEventListener('click', () => {
        fill(preset);
        card.form.requestSubmit();
      });
      return button;
    }),
  );
  fill(presets[0]);
  card.form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  card.cancel.addEventListener('click', () => flight?.abort());
}

function fill({ method, path, headers = '', body = '' }) {
  card.method.value = method;
  card.path.value = path;
  card.headers.value = headers;
  card.body.value = body;
}

async function send() {
  flight?.abort();
  const mine = new AbortController();
  flight = mine;
  card.cancel.disabled = false;
  showWaiting(card.answer);
  const start = performance.now();
  try {
    const method = card.method.value;
    const body = method === 'GET' || method === 'HEAD' ? undefined : card.body.value || undefined;
    const response = await trackedFetch(card.path.value, {
      method,
      headers: readHeaders(),
      body,
      signal: mine.signal,
    });
    const first = performance.now() - start;
    const text = await response.text();
    if (flight === mine)
      showAnswer(card.answer, { response, text, first, all: performance.now() - start });
  } catch (error) {
    if (flight === mine) showProblem(card.answer, error, performance.now() - start);
  } finally {
    if (flight === mine) {
      flight = undefined;
      card.cancel.disabled = true;
    }
  }
}

function readHeaders() {
  const lines = card.headers.value.split('\n').filter((line) => line.trim());
  return lines.map((line) => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new TypeError(`“${line}” is not a header: write Name: value`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
}
