import { parts } from './dom.mjs';
import { bytes, duration, problem } from './format.mjs';
import { trackedFetch } from './tracked-fetch.mjs';

const card = parts('#upload');
let flight;

/** A file to the server, with a bar, a way to stop, and a proof that what arrived is what was sent. */
export function startUpload() {
  card.file.addEventListener('change', () => {
    card.size.value = '0';
  });
  card.size.addEventListener('change', () => {
    if (card.size.value !== '0') card.file.value = '';
  });
  card.cancel.addEventListener('click', () => flight?.abort());
  card.form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
}

async function send() {
  const file = card.file.files[0] ?? makeFile(Number(card.size.value));
  if (!file.size) return say('Choose a file first, or a size.', 'bad');
  flight = new AbortController();
  busy(true);
  progress(); // no number yet: a frame that can't tell leaves it so
  say(`Sending ${bytes(file.size)} …`);
  const start = performance.now();
  try {
    const response = await trackedFetch('/v1/upload', {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream', 'X-Hadoken-Demo': '1' },
      body: file,
      signal: flight.signal,
      onUploadProgress: ({ loaded, total = file.size }) => {
        progress(loaded / total);
        const seconds = (performance.now() - start) / 1_000;
        say(`${bytes(loaded)} of ${bytes(total)}, ${bytes(Math.round(loaded / seconds))} a second`);
      },
    });
    const answer = await response.json();
    if (!response.ok)
      throw new Error(answer.error?.message ?? `the server answered ${response.status}`);
    const same = answer.sha256 === (await sha256(file));
    progress(1);
    say(
      `${bytes(answer.bytes)} in ${duration(performance.now() - start)}; SHA-256 ${same ? 'agrees' : 'DIFFERS'}: ${answer.sha256.slice(0, 16)}…`,
      same ? 'good' : 'bad',
    );
  } catch (error) {
    const { name, message } = problem(error);
    progress(0);
    say(
      name === 'AbortError'
        ? `Cancelled after ${duration(performance.now() - start)}.`
        : `${name}: ${message}`,
      'bad',
    );
  } finally {
    busy(false);
  }
}

function makeFile(megabytes) {
  const part = new Uint8Array(65_536);
  const parts = [];
  for (let left = megabytes * 1_000_000; left > 0; left -= part.length) {
    parts.push(crypto.getRandomValues(part.slice(0, Math.min(left, part.length))));
  }
  return new Blob(parts);
}

async function sha256(file) {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** `undefined`: busy, but nobody knows how far. */
function progress(share) {
  if (share === undefined) card.bar.removeAttribute('value');
  else card.bar.value = share;
  card.percent.textContent = share === undefined ? '…' : `${Math.round(share * 100)}%`;
}

function busy(is) {
  card.send.disabled = is;
  card.cancel.disabled = !is;
}

function say(text, mood = '') {
  card.result.textContent = text;
  card.result.className = `result ${mood}`;
}
