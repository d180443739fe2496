/**
 * hadoken.js: the script include. It connects by itself to frame.html beside the script, or to
 * `data-frame`; with `data-manual` it does not. The global `hadoken` is then that client, plus
 * `connect`. What the loader of docs/script.md has kept until now is done first.
 */
import { HadokenError, isHadokenError } from '../rpc/errors.ts';
import { transfer } from '../rpc/transfer.ts';
import { connect } from './connect.ts';
import { fromDocument } from './connection/page-document.ts';
import { callAll, type Listener } from './emitter.ts';

const scope = globalThis as { hadoken?: unknown };

/**
 * What was asked of `hadoken` before it was there, in order. `<form id=hadoken>` is
 * `window.hadoken` too, and its `<input name=hadokenQueue>` a property of it: but not the window's
 * own property, and no array.
 */
function readQueue(): unknown[] {
  const queue: unknown = Object.hasOwn(scope, 'hadoken') && Object(scope.hadoken).hadokenQueue;
  return Array.isArray(queue) ? queue : [];
}

const script = fromDocument('currentScript');
// Who uses the script has what who imports the module has.
const exported = {
  connect,
  transfer,
  HadokenError,
  isHadokenError,
} satisfies typeof import('./index.ts');
// A module has no current script, and that of an SVG document has no `src`: they call `connect`
// themselves.
const isKnown = script instanceof HTMLScriptElement;
if (!isKnown)
  console.warn(
    `[hadoken] Not connected: hadoken.js is ${script ? 'in SVG' : 'a module'} here, ` +
      "and can't know where its frame.html is. Call hadoken.connect(url).",
  );
const hadoken =
  isKnown && !('manual' in script.dataset)
    ? Object.assign(connect(new URL(script.dataset.frame ?? 'frame.html', script.src)), exported)
    : exported;

const queue = readQueue();
scope.hadoken = hadoken;
// A step may put further ones there.
for (const step of queue) if (typeof step === 'function') callAll([step as Listener], [hadoken]);
