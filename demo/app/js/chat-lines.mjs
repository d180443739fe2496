import { el, followEnd } from './dom.mjs';
import { clock } from './format.mjs';

const MARKS = { sent: '✓', delivered: '✓✓', failed: '✕' };

/** The list of messages, and the ticks on one's own: … on its way, ✓ the server has it, ✓✓ others' pages have it. */
export function createLines(list) {
  function show({ name, text, at }, whose = 'theirs') {
    const mark = el('span', { class: 'tick' }, whose === 'mine' ? '…' : '');
    const line = el(
      'li',
      { class: `message ${whose}` },
      el('div', { class: 'who' }, el('b', {}, name), ' ', el('time', {}, clock(new Date(at)))),
      el('div', { class: 'words' }, text, mark),
    );
    followEnd(list, () => list.append(line));
    return line;
  }

  function tick(line, state, readers) {
    const mark = line?.querySelector('.tick');
    if (!mark) return;
    mark.dataset.state = state;
    mark.textContent = MARKS[state];
    mark.title = {
      sent: 'The server has it',
      delivered: `On ${readers} other ${readers > 1 ? 'pages' : 'page'}`,
      failed: 'Not sent',
    }[state];
    mark.setAttribute('role', 'img');
    mark.setAttribute('aria-label', mark.title);
  }

  return { show, tick };
}
