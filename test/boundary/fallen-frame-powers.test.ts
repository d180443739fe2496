/** What a frame that has fallen to an attacker may not do to the user: a dialog that is shown stops this whole file. */
import { expect } from '@esm-bundle/chai';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl } from '../support/env.ts';
import { type Attack, connectThere, runInFrame } from '../support/fallen-frame.ts';

/** What must not come of each, told by what it returns: undefined, 'refused', or the exception. */
const powers: Record<string, Attack> = {
  'alert()': () => {
    const start = performance.now();
    alert('Your session is over. Please call us.');
    // Somebody would have to close it.
    return performance.now() - start > 2_000 ? 'shown' : undefined;
  },
  'confirm()': () => confirm('Delete everything?') || undefined,
  'prompt()': () => prompt('Your password?', 'the default') ?? undefined,
  'print()': () => {
    let printed: string | undefined;
    addEventListener('beforeprint', () => {
      printed = 'printed';
    });
    print();
    return printed;
  },
  'pointer lock': async () => {
    const failed = new Promise((resolve) => {
      document.onpointerlockerror = () => resolve('refused');
    });
    const locked = document.body.requestPointerLock() as unknown as Promise<void> | undefined;
    return Promise.race([failed, locked?.then(() => 'locked') ?? failed]);
  },
  'the full screen': () => document.documentElement.requestFullscreen().then(() => 'full screen'),
  'the lock of the orientation': () =>
    (screen.orientation as unknown as { lock(to: string): Promise<void> })
      .lock('portrait')
      .then(() => 'locked'),
  'a presentation': () => {
    type Presentation = { new (url: string): { start(): Promise<void> } };
    const { PresentationRequest } = globalThis as unknown as { PresentationRequest: Presentation };
    return new PresentationRequest(location.href).start().then(() => 'presented');
  },
};

describe('a frame that has fallen', () => {
  let page: AttackerPage;
  beforeEach(async () => {
    page = await openAttacker(attackerUrl(env.app));
    await page.run(connectThere, frameUrl('fallen'));
  });
  afterEach(() => page.close());

  for (const [what, use] of Object.entries(powers))
    it(`gets nothing from ${what}`, async () => {
      const outcome = await page.run(runInFrame, use);
      // Of the exceptions only those that say that the engine does not know it, or refuses it.
      if (outcome !== undefined && outcome !== 'refused')
        expect(outcome).to.match(
          /^(SecurityError|NotAllowedError|TypeError|ReferenceError|NotSupportedError)/,
        );
    });
});
