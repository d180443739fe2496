/**
 * A frame that `npx hadoken pack` has packed: frame.js and host.js in one script, which is in the
 * frame's page itself, and as a file beside it for the hub and for where no Blob is allowed.
 */
import { type WorkerSource, workerOf } from './gate/worker.ts';

/** What pack puts before this script. */
type Packed = {
  /** host.js. */
  host(): void;
  /** The URL from which the parts are resolved: a Blob has none of its own. */
  base: string;
  /** In the frame's page alone: the name of the file that has the same script. */
  file?: string;
};

const scope = globalThis as { hadokenPacked?: Packed };
export const packed = scope.hadokenPacked;

/** The URL of what this script came with, whose policy this scope has: a Blob has its page's. */
export const ownUrl = packed?.base ?? globalThis.location?.href;

/** The script that runs now: it is gone once it has run. */
const text = globalThis.document?.currentScript?.textContent;

/** The host's worker: of the same text, without a request, where the page's policy allows that. */
export function packedSource({ base, file = '' }: Packed): WorkerSource {
  const url = new URL(file, base).href;
  const asFile = workerOf({ url, type: 'classic', texts: [url] });
  const parts = [`self.hadokenBase=${JSON.stringify(base)};`, text ?? ''];
  return {
    create() {
      const blob = URL.createObjectURL(new Blob(parts, { type: 'text/javascript' }));
      return new Worker(blob, { name: 'hadoken' });
    },
    script: asFile.script as NonNullable<WorkerSource['script']>,
    fallback: asFile,
  };
}
