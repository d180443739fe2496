import { el } from './dom.mjs';

/** One side of the race: dots that light up, two bars, and what the server saw. */
export function createLane(root) {
  const dots = el('div', { class: 'dots', 'aria-hidden': 'true' });
  const time = bar('ms a request');
  const requests = bar('requests at the server');
  const seen = el('p', { class: 'seen' }, 'Not run yet.');
  root.append(dots, time.root, requests.root, seen);

  return {
    reset(count) {
      dots.replaceChildren(...Array.from({ length: count }, () => el('i')));
      time.set(0, '–');
      requests.set(0, '–');
      seen.textContent = 'Waiting.';
      root.classList.remove('done');
    },
    hit(n, times) {
      dots.children[n - 1].classList.add('on');
      time.set(undefined, times.at(-1).toFixed(0));
      seen.textContent = 'Running.';
    },
    finish({ mean, seen: { requests: count, options, last } }) {
      root.classList.add('done');
      time.set(undefined, mean.toFixed(0));
      requests.set(undefined, `${count}, ${options} of them OPTIONS`);
      seen.replaceChildren(
        fact('Sec-Fetch-Site', last?.secFetchSite ?? 'not sent'),
        fact('Hadoken-Origin', last?.hadokenOrigin ?? 'not sent'),
      );
    },
    scale({ mean, seen: { requests: count } }, longest, most) {
      time.set(mean / longest);
      requests.set(count / most);
    },
  };
}

function bar(label) {
  const fill = el('span', { class: 'fill' });
  const value = el('output', {}, '–');
  const root = el(
    'div',
    { class: 'bar' },
    el('span', { class: 'bar-label' }, label, ' ', value),
    el('span', { class: 'track' }, fill),
  );
  return {
    root,
    set(share, text) {
      if (share !== undefined) fill.style.transform = `scaleX(${share})`;
      if (text !== undefined) value.textContent = text;
    },
  };
}

function fact(name, value) {
  return el('span', { class: 'fact' }, `${name}: `, el('b', {}, value));
}
