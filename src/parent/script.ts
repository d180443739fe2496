/**
 * hadoken.js: the script include. It connects by itself to frame.html beside the script, or to
 * `data-frame`; with `data-manual` it does not. The global `hadoken` is then that client, plus
 * `connect`. What the loader (hadoken.loader.js) has kept until now is done first.
 */
import { connectBy, include, readScript } from './include/include.ts';

const script = readScript();
const { dataset = {} } = script ?? {};
include(script && !('manual' in dataset) ? connectBy(script) : undefined, dataset);
