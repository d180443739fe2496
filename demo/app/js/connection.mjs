import { frameUrl, hadoken, isOneOrigin } from './client.mjs';
import { el, parts } from './dom.mjs';
import { duration } from './format.mjs';
import { log } from './log.mjs';
import { showState } from './stage.mjs';

const card = parts('#connection');

/** The state of the client, its last error, and what the frame told about itself. */
export function startConnection() {
  document.getElementById('page-host').textContent = location.hostname;
  document.getElementById('frame-host').textContent = new URL(frameUrl).hostname;
  card.page.textContent = location.origin;
  card.frame.textContent = frameUrl.replace(
    location.origin,
    isOneOrigin ? '(same origin) ' : location.origin,
  );
  hadoken.on('statechange', () => {
    show();
    const good = hadoken.state === 'connected';
    log(
      'frame',
      hadoken.error && !good ? `${hadoken.state}: ${hadoken.error.code}` : hadoken.state,
      good ? 'good' : 'bad',
    );
  });
  hadoken.on('error', show);
  hadoken.ready.then(
    () => {
      card.ready.textContent = `${duration(performance.now())} after the page began`;
      show();
    },
    (error) => {
      show();
      log('frame', `${error.code}: ${error.message}`, 'bad');
    },
  );
  show();
}

function show() {
  const { state, error, config } = hadoken;
  card.state.textContent = state;
  card.root.dataset.state = state;
  showState(state);
  card.error.hidden = !error || state === 'connected';
  card.error.replaceChildren(
    ...(error ? [el('b', {}, error.code ?? error.name), ` ${error.message}`] : []),
  );
  if (!config) return;
  card.release.textContent = config.release;
  const on = Object.keys(config.features ?? {}).filter((name) => config.features[name]);
  card.features.replaceChildren(...on.map((name) => el('span', { class: 'chip' }, name)));
}
