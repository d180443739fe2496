/**
 * hadoken.drop-in.js: the script include, which also takes over what `data-take` says. It uses the
 * `hadoken` that is there, if that is a client, and else makes it as hadoken.js does.
 */

import { connectBy, include, readScript } from '../parent/include/include.ts';
import { type Hadoken, HadokenError } from '../parent/index.ts';
import { takeOver } from './take-over.ts';

const script = readScript();

/** The client by the name of `global` that another script has made. A loader's stand-in is none. */
function findClient({ global: name = 'hadoken' }: DOMStringMap): Hadoken | undefined {
  const found: unknown = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
  const { hadokenQueue, origin } = Object(found);
  return !Array.isArray(hadokenQueue) && typeof origin === 'string'
    ? (found as Hadoken)
    : undefined;
}

if (!script)
  throw new HadokenError(
    'UNSUPPORTED',
    'hadoken.drop-in.js: only a <script> of HTML can take over. ' +
      "In a module, import takeOver from 'hadoken/drop-in'.",
  );
const { dataset } = script;
const found = findClient(dataset);
const isManual = 'manual' in dataset;
const client = found ?? (isManual ? undefined : connectBy(script));
const own = { takeOver };
if (client && !isManual) {
  const urls = dataset.take?.split(/\s+/).filter(Boolean);
  takeOver(client, { ...(urls && { urls }), io: 'io' in dataset });
}
if (found) Object.assign(found, own);
else include(client, dataset, own);
