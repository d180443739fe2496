/**
 * hadoken.js: the script include. It connects by itself to frame.html beside the script, or to `data-frame`;
 * with `data-manual` it does not. The global `hadoken` is then that client, plus `connect`.
 */
import { HadokenError } from '../rpc/errors.ts';
import { transfer } from '../rpc/transfer.ts';
import { connect, type Hadoken } from './connect.ts';

const script = document.currentScript as HTMLScriptElement | null;
const exported = { connect, transfer, HadokenError };

function start(): typeof exported & Partial<Hadoken> {
  if (!script || 'manual' in script.dataset) return exported;
  const client = connect(new URL(script.dataset.frame ?? 'frame.html', script.src));
  return Object.assign(client, exported);
}

(globalThis as Record<string, unknown>).hadoken = start();
