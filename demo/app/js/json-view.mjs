import { el } from './dom.mjs';

const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** A `<pre>` of indented JSON with its parts coloured. */
export function jsonView(value) {
  const text = JSON.stringify(value, null, 2);
  const pre = el('pre', { class: 'json' });
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    pre.append(text.slice(end, match.index));
    const [all, string, colon] = match;
    const kind = string ? (colon ? 'key' : 'string') : 'atom';
    pre.append(el('span', { class: kind }, string ?? all), colon ?? '');
    end = match.index + all.length;
  }
  pre.append(text.slice(end));
  return pre;
}
