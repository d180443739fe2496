/**
 * What a script takes of the platform, by name. A page's own top-level `const URL`, `class Event {}` or `let crypto`
 * hides that name from every classic script, though `window.URL` is what it was; and agents and polyfills that come later
 * put others in their place. Timers are not among them: who fakes those means ours too.
 */
const NAMES = [
  ...['AbortController', 'AbortSignal', 'Array', 'ArrayBuffer', 'Blob', 'CloseEvent'],
  ...['DOMException', 'DOMParser', 'Document', 'Element', 'Error', 'ErrorEvent', 'Event'],
  ...['EventTarget', 'FinalizationRegistry', 'FormData', 'Function', 'HTMLScriptElement'],
  ...['JSON', 'Map'],
  ...['MessageChannel', 'MessageEvent', 'MutationObserver', 'Navigator', 'Number', 'Object'],
  ...['ProgressEvent', 'Promise', 'Proxy', 'ReadableStream', 'Reflect', 'RegExp', 'Request'],
  ...['Response', 'Set', 'String', 'Symbol', 'TextDecoder', 'TextEncoder', 'TypeError', 'URL'],
  ...['URLSearchParams', 'Uint32Array', 'Uint8Array', 'WeakMap', 'WeakRef', 'WeakSet'],
  ...['XMLSerializer', 'crypto', 'performance', 'reportError'],
];

/** Takes those that the script names from `globalThis`, once, at its begin. */
export const ownGlobals = {
  name: 'own-globals',
  renderChunk(code, _chunk, { format }) {
    if (format !== 'iife') return null;
    const named = NAMES.filter((name) => new RegExp(`(?<![.\\w$])${name}\\b`).test(code));
    const taken = `'use strict';const {${named}} = globalThis;`;
    if (!code.includes("'use strict';")) this.error('The script has no place for its globals.');
    return { code: code.replace("'use strict';", taken), map: null };
  },
};
