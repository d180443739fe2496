/**
 * hadoken.js: the script include. It connects by itself to frame.html beside the script, or to `data-frame`;
 * with `data-manual` it does not. The global `hadoken` is then that client, plus `connect`. What the loader of
 * docs/script.md has kept until now is done first.
 */
import { HadokenError } from '../rpc/errors.ts';
import { transfer } from '../rpc/transfer.ts';
import { connect } from './connect.ts';
import { callAll } from './emitter.ts';

const script = document.currentScript as HTMLScriptElement | null;
const scope = globalThis as { hadoken?: unknown };
/** What was asked of `hadoken` before it was there, in order. */
const { hadokenQueue = [] } = Object(scope.hadoken) as { hadokenQueue?: ((hadoken: unknown) => void)[] };
const exported = { connect, transfer, HadokenError };
const hadoken =
  !script || 'manual' in script.dataset
    ? exported
    : Object.assign(connect(new URL(script.dataset.frame ?? 'frame.html', script.src)), exported);

scope.hadoken = hadoken;
callAll(hadokenQueue, [hadoken]);
