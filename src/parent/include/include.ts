/**
 * How a script tag becomes the global `hadoken`: what its attributes say, and what the loader has
 * kept for it.
 */
import { HadokenError, isHadokenError } from '../../rpc/errors.ts';
import { transfer } from '../../rpc/transfer.ts';
import type { Hadoken } from '../client.ts';
import { connect } from '../connect.ts';
import { fromDocument } from '../connection/page-document.ts';
import { callAll, type Listener } from '../emitter.ts';
import type { ConnectOptions } from '../options.ts';

const scope = globalThis as unknown as Record<string, unknown>;

// Who uses the script has what who imports the module has.
const exported = {
  connect,
  transfer,
  HadokenError,
  isHadokenError,
} satisfies typeof import('../index.ts');

/** The script's element. A module has none, and that of an SVG document has no `src`. */
export type Include = { readonly dataset: DOMStringMap; readonly src: string };

/** The tag that is running, if it is one of HTML; a warning on the console says that it is none. */
export function readScript(): Include | undefined {
  const script = fromDocument('currentScript');
  const isKnown = script instanceof HTMLScriptElement;
  if (isKnown) return script;
  console.warn(
    `[hadoken] Not connected: hadoken.js is ${script ? 'in SVG' : 'a module'} here, ` +
      "and can't know where its frame.html is. Call hadoken.connect(url).",
  );
  return undefined;
}

/** The client that a tag asks for, by `data-frame`, `data-log` and `data-timeout`. */
export function connectBy({ dataset, src }: Include): Hadoken {
  const { frame = 'frame.html', log, timeout } = dataset;
  const options = { ...(log && { log }), ...(timeout && { timeout: Number(timeout) }) };
  return connect(new URL(frame, src), options as ConnectOptions);
}

/**
 * What was asked of the global before it was there, in order. `<form id=hadoken>` is
 * `window.hadoken` too, and its `<input name=hadokenQueue>` a property of it: but not the window's
 * own property, and no array.
 */
function readQueue(found: unknown): unknown[] & { own?: PropertyDescriptor } {
  const queue: unknown = Object(found).hadokenQueue;
  return Array.isArray(queue) ? queue : [];
}

/**
 * Puts the client, if there is one, with all that the module exports on `window`, by the name that
 * `data-global` says, and `more`. Then does what was asked of that name before. `noConflict()`
 * gives the name back to what had it.
 */
export function include(
  client: Hadoken | undefined,
  { global: name = 'hadoken' }: DOMStringMap,
  more = {},
): void {
  const found = Object.getOwnPropertyDescriptor(scope, name);
  const queue = readQueue(found?.value);
  // What a loader has put there was never the page's own: it has kept what was.
  const own = found?.value?.hadokenQueue === queue ? queue.own : found;
  const noConflict = (): unknown => {
    if (scope[name] === hadoken) {
      if (own) Object.defineProperty(scope, name, own);
      else Reflect.deleteProperty(scope, name);
    }
    return hadoken;
  };
  const hadoken = Object.assign(client ?? {}, exported, more);
  Object.defineProperty(hadoken, 'noConflict', { value: noConflict });
  scope[name] = hadoken;
  // A step may put further ones there.
  for (const step of queue) if (typeof step === 'function') callAll([step as Listener], [hadoken]);
}
