import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../../src/parent/index.ts';
import { env, frameUrl } from '../../support/env.ts';
import { parts } from './cases.ts';
import { listed } from './listed.ts';
import { attempt } from './outcome.ts';

let native: HTMLIFrameElement;
let hadoken: Hadoken;

/** Runs a case with the platform's own fetch, in a page of the frame's origin. */
function runNative(part: string, at: number): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  native.contentWindow?.postMessage({ part, at }, env.push, [port2]);
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
}

describe('hadoken.fetch comes to what fetch comes to in a page of the frame’s origin:', () => {
  before(async () => {
    native = document.createElement('iframe');
    native.src = `${env.push}/hosts/compliance/native.html`;
    const ready = new Promise((resolve) => addEventListener('message', resolve, { once: true }));
    document.body.append(native);
    await ready;
    hadoken = connect(frameUrl());
    await hadoken.ready;
  });
  after(() => {
    native.remove();
    hadoken.close();
  });

  for (const [part, cases] of Object.entries(parts)) {
    describe(part, () => {
      cases.forEach(([name, run], at) => {
        it(name, async () => {
          const theirs = await runNative(part, at);
          const ours = await attempt(() => run({ fetch: hadoken.fetch, origin: env.push }));
          const difference = listed[name]?.[env.engine];
          expect(ours).to.deep.equal(difference === undefined ? theirs : difference);
        });
      });
    });
  }
});
