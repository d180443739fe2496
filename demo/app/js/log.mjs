import { el, followEnd, parts } from './dom.mjs';
import { clock } from './format.mjs';

const KEPT = 200;
const card = parts('#events');
card.clear.addEventListener('click', () => card.log.replaceChildren());

/**
 * One line in the list of events.
 *
 * @param {'frame' | 'socket' | 'ajax' | 'demo'} kind
 * @param {string} text
 * @param {'good' | 'bad' | undefined} [mood]
 */
export function log(kind, text, mood) {
  followEnd(card.log, () => {
    card.log.append(
      el(
        'li',
        { class: mood },
        el('time', {}, clock()),
        el('b', { class: `tag tag-${kind}` }, kind),
        el('span', {}, text),
      ),
    );
    if (card.log.children.length > KEPT) card.log.firstChild.remove();
  });
}
