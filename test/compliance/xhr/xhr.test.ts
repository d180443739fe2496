import { expect } from '@esm-bundle/chai';
import { takeOver } from '../../../src/drop-in/index.ts';
import { connect, type Hadoken } from '../../../src/parent/index.ts';
import { env, frameUrl } from '../../support/env.ts';
import { parts } from './cases.ts';
import { expected } from './listed.ts';
import { run } from './run.ts';

let native: HTMLIFrameElement;
let hadoken: Hadoken;
let release: () => void;

/** Runs a case with the platform's own class, in a page of the frame's origin. */
function runNative(part: string, at: number): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  native.contentWindow?.postMessage({ part, at }, env.push, [port2]);
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
}

describe('XMLHttpRequest after takeOver() comes to what it comes to in a page of the frame’s origin:', () => {
  before(async () => {
    native = document.createElement('iframe');
    native.src = `${env.push}/hosts/compliance/native-xhr.html`;
    const ready = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
    document.body.append(native);
    await ready;
    hadoken = connect(frameUrl(), { log: 'silent' });
    await hadoken.ready;
    release = takeOver(hadoken);
  });
  after(() => {
    release();
    native.remove();
    hadoken.close();
  });

  for (const [part, cases] of Object.entries(parts)) {
    describe(part, () => {
      // Many at once, because most of a case's time is waiting.
      const results: [theirs: unknown, ours: unknown][] = [];
      before(async function (this: { timeout(ms: number): void }) {
        this.timeout(150_000);
        const left = cases.entries();
        const work = async (): Promise<void> => {
          for (const [at, [, act]] of left) {
            const kit = { XMLHttpRequest: globalThis.XMLHttpRequest, origin: env.push };
            results[at] = [await runNative(part, at), await run(act, kit)];
          }
        };
        // What patches the class, or looks at cookies, is by itself.
        await Promise.all(Array.from({ length: part === 'objects' ? 1 : 8 }, work));
      });
      cases.forEach(([name], at) => {
        it(name, () => {
          const [theirs, ours] = results[at] ?? [];
          expect(ours).to.deep.equal(expected(part, name, theirs));
        });
      });
    });
  }
});
