/** Pages of other people's, on real origins, that do what a test tells them to. */

// biome-ignore lint/suspicious/noExplicitAny: whatever the attack takes and finds out
type Attack = (...args: any[]) => unknown;

export type AttackerPage = {
  readonly window: Window;
  /** Runs `attack` there: sent as text, so it must use nothing but its arguments and that page's globals. */
  run<T = unknown>(attack: Attack, ...args: unknown[]): Promise<T>;
  close(): void;
};

export type Opened = {
  /** In an iframe, or in a window of its own. @default 'iframe' */
  as?: 'iframe' | 'window';
  sandbox?: string;
  srcdoc?: string;
};

const pack = (value: unknown): unknown =>
  typeof value === 'function' ? { code: String(value) } : value;

/** The page `name` of test/fixtures/pages on `origin`, with the headers asked for (`name:value`). */
export function attackerUrl(
  origin: string,
  headers: string[] = [],
  name = 'attacker.html',
): string {
  const url = new URL(`/pages/${name}`, origin);
  for (const header of headers) url.searchParams.append('header', header);
  return url.href;
}

/** Opens `url`, one of attacker.html, and resolves once it listens. */
export async function openAttacker(
  url: string,
  { as = 'iframe', sandbox, srcdoc }: Opened = {},
): Promise<AttackerPage> {
  const frame = document.createElement('iframe');
  let target: Window | null = null;
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${url} did not get ready`)), 25_000);
    addEventListener('message', function onMessage({ source, data }) {
      if (source !== target || data !== 'attacker ready') return;
      removeEventListener('message', onMessage);
      clearTimeout(timer);
      resolve();
    });
  });
  if (as === 'window') target = window.open(url);
  else {
    if (sandbox !== undefined) frame.setAttribute('sandbox', sandbox);
    if (srcdoc !== undefined) frame.srcdoc = srcdoc;
    else frame.src = url;
    document.body.append(frame);
    target = frame.contentWindow;
  }
  await ready;
  const page = target as Window;
  return {
    window: page,
    run<T>(attack: Attack, ...args: unknown[]) {
      const { port1, port2 } = new MessageChannel();
      return new Promise<T>((resolve, reject) => {
        port1.onmessage = ({ data }) => {
          port1.close();
          if ('error' in data) reject(new Error(data.error));
          else resolve(data.value);
        };
        page.postMessage({ run: pack(attack), args: args.map(pack) }, '*', [port2]);
      });
    },
    close() {
      if (as === 'window') page.close();
      else frame.remove();
    },
  };
}

/** What a page finds that shakes hands by hand. */
export type ByHand = {
  frame: HTMLIFrameElement;
  port: MessagePort;
  nonce: string;
  /** ACCEPT or REFUSE, on the port or by the gate; undefined: none within the time. */
  answer: { hadoken: string; code?: string; message?: string; config?: unknown } | undefined;
};

export type ByHandOptions = {
  /** Laid over the honest OFFER. */
  offer?: Record<string, unknown>;
  /** Where the OFFER goes. @default the frame's origin */
  target?: string;
  /** In ms. @default 6_000 */
  timeout?: number;
};

/** The handshake by hand, with no code of ours. Self-contained, to be run in other pages. */
export async function shakeByHand(
  frameUrl: string,
  { offer = {}, target = new URL(frameUrl).origin, timeout = 20_000 }: ByHandOptions = {},
): Promise<ByHand> {
  const nonce = `by-hand-${Math.random().toString(36).slice(2)}`;
  const frame = document.createElement('iframe');
  const { port1: port, port2 } = new MessageChannel();
  const answer = new Promise<ByHand['answer']>((resolve) => {
    port.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, timeout, undefined);
    addEventListener('message', ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      if (data?.hadoken === 'REFUSE') resolve(data);
      if (data?.hadoken === 'HELLO')
        frame.contentWindow?.postMessage(
          { hadoken: 'OFFER', nonce, versions: [2, 2], ...offer },
          target,
          [port2],
        );
    });
  });
  frame.src = `${frameUrl}#${nonce}`;
  document.documentElement.append(frame);
  return { frame, port, nonce, answer: await answer };
}

/** Over the one port of a page's requests, by hand. */
export type ExchangesByHand = {
  /** Numbers the message with the request that it is about, and posts it. */
  post(id: number, message: unknown, transfer?: Transferable[]): void;
  /** Begins an exchange: what the frame says of it first, its head or an error. */
  ask(
    id: number,
    request: unknown,
  ): Promise<{ head?: { status: number }; error?: { code?: string; message: string } }>;
};

/** Opens that port over one from `shakeByHand`. */
export function openExchangesByHand(port: MessagePort): ExchangesByHand {
  const { port1, port2 } = new MessageChannel();
  const argumentList = [{ type: 'RAW', value: port2 }];
  void callByHand(port, { type: 'APPLY', path: ['fetch'], argumentList }, 20_000, [port2]);
  port1.start();
  const post: ExchangesByHand['post'] = (id, message, transfer = []) =>
    port1.postMessage(
      Object(message) === message ? { id, ...(message as object) } : message,
      transfer,
    );
  return {
    post,
    ask(id, request) {
      const answer = new Promise<Awaited<ReturnType<ExchangesByHand['ask']>>>((resolve) => {
        port1.addEventListener('message', ({ data }) => {
          if (data.id === id && /^(head|error)$/.test(data.type)) resolve(data);
        });
      });
      post(id, { type: 'request', request });
      return answer;
    },
  };
}

/** One call in comlink's wire format over a port from `shakeByHand`; undefined: no answer within the time. */
export function callByHand(
  port: MessagePort,
  message: Record<string, unknown>,
  timeout = 20_000,
  transfer: Transferable[] = [],
): Promise<unknown> {
  const id = `by-hand-${Math.random().toString(36).slice(2)}`;
  return new Promise((resolve) => {
    setTimeout(resolve, timeout, undefined);
    port.addEventListener('message', ({ data }) => {
      if (data?.id === id) resolve(data);
    });
    port.start();
    port.postMessage({ id, ...message }, transfer);
  });
}
