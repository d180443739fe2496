/** Pages of several origins that share what their frame's hub holds: each a frame of the test's own page. */
import type { Hadoken } from '../../src/parent/index.ts';
import { env, frameUrl } from './env.ts';

/** What a tab keeps between two runs. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a test puts there
export type TabState = { hadoken: Hadoken; [name: string]: any };

export type Tab = {
  /** Runs an async function there, which sees its arguments and nothing of the test's. */
  run<T>(work: (state: TabState, ...args: never[]) => Promise<T>, ...args: unknown[]): Promise<T>;
  /** Loads the page anew, and connects it. Nothing of its state is left. */
  reload(): Promise<void>;
  close(): void;
};

let calls = 0;

/** A tab of `origin`, connected to the frame of `host`. */
export async function openTab(origin = env.app, host = 'hub'): Promise<Tab> {
  const frame = document.createElement('iframe');
  let onLoaded = (): void => {};
  const answers = new Map<number, (answer: { value?: unknown; error?: string }) => void>();
  const onMessage = ({ source, data }: MessageEvent): void => {
    if (source !== frame.contentWindow) return;
    if (data === 'tab') onLoaded();
    else answers.get(data.id)?.(data);
  };
  addEventListener('message', onMessage);
  const load = async (): Promise<void> => {
    const loaded = new Promise<void>((resolve) => {
      onLoaded = resolve;
    });
    frame.src = `${origin}/pages/tab.html`;
    await loaded;
    await tab.run(async (state, url: string) => {
      state.hadoken = state.connect(url, { log: 'silent', reconnectionDelay: 20 });
      await state.hadoken.ready;
    }, frameUrl(host));
  };
  const tab: Tab = {
    reload: load,
    async run<T>(work: unknown, ...args: unknown[]) {
      calls += 1;
      const id = calls;
      const answered = new Promise<{ value?: unknown; error?: string }>((resolve) =>
        answers.set(id, resolve),
      );
      frame.contentWindow?.postMessage({ id, run: String(work), args }, origin);
      const { value, error } = await answered;
      if (error !== undefined) throw new Error(error);
      return value as T;
    },
    close() {
      frame.remove();
      removeEventListener('message', onMessage);
    },
  };
  document.body.append(frame);
  await load();
  return tab;
}
