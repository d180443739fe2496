/** A page whose frame has fallen to an attacker (test/fixtures/hosts/fallen.js): run in that page, see attacker.ts. */

export type Attack = (url: string) => unknown;

/** Connects that page to the frame that does what it is told. */
export async function connectThere(frame: string): Promise<void> {
  const { connect } = await import(`${location.origin}/hadoken/hadoken.mjs`);
  const hadoken = connect(frame, { log: 'silent' });
  Object.assign(globalThis, { hadoken });
  await hadoken.ready;
}

/** In a page: its frame runs `attack`; resolves with what that returns or throws, or after 3 s with 'no answer'. */
export function runInFrame(attack: Attack, url = ''): Promise<unknown> {
  const { port1, port2 } = new MessageChannel();
  const [frame] = hiddenFrames() as [HTMLIFrameElement];
  frame.contentWindow?.postMessage({ run: { code: String(attack) }, args: [url] }, '*', [port2]);
  return new Promise((resolve) => {
    setTimeout(resolve, 3_000, 'no answer');
    port1.onmessage = ({ data }) => resolve(data.value ?? data.error);
  });
}
