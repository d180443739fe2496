/** The frame's side of `hadoken.WebSocket`: the real one, told to the page event by event. */
import { byteLengthOf } from '../ajax/body.ts';
import type { StreamCommand, StreamMessage, WebSocketTarget } from '../rpc/contract.ts';
import type { Effects, Page } from './host.ts';
import type { ServeOptions } from './options.ts';
import { createPolicy } from './policy.ts';

/** Between two looks at how much has left, in ms: no event tells. */
const DRAIN_INTERVAL = 20;
/** The connection is gone, and nobody said goodbye. RFC 6455, 7.4.1. */
const ABNORMAL = 1_006;

function isCommand(data: unknown): data is StreamCommand {
  const { type, ...command } = Object(data) as Record<string, unknown>;
  if (type === 'close') return /^(undefined|\d+)$/.test(String(command.code));
  const { data: sent } = command;
  return type === 'send' && (typeof sent === 'string' || sent instanceof ArrayBuffer || sent instanceof Blob);
}

type Drain = {
  send(data: string | ArrayBuffer | Blob): void;
  /** Tells of all that is left to tell of. */
  finish(): void;
};

/** Sends over `socket`, and calls `onSent` with the bytes that have left it since the last time. */
function createDrain(socket: WebSocket, onSent: (bytes: number) => void): Drain {
  let given = 0;
  let told = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (left: number): void => {
    // WebKit counts the frames' heads with what waits.
    if (left <= told) return;
    onSent(left - told);
    told = left;
  };
  const look = (): void => {
    tell(given - socket.bufferedAmount);
    const waits = told < given && socket.readyState < socket.CLOSED;
    timer = waits ? setTimeout(look, DRAIN_INTERVAL) : undefined;
  };
  return {
    send(data) {
      given += byteLengthOf(data);
      socket.send(data);
      if (timer === undefined) timer = setTimeout(look);
    },
    finish: () => tell(given),
  };
}

/** Resolves when it is closed. */
function serveSocket(socket: WebSocket, port: MessagePort, life: EventTarget): Promise<void> {
  const post = (message: StreamMessage, transfer: Transferable[] = []): void =>
    port.postMessage(message, transfer);
  const { origin } = new URL(socket.url);
  const drain = createDrain(socket, (sent) => post([{}, sent]));
  socket.binaryType = 'arraybuffer';

  return new Promise((resolve) => {
    const close = ({ wasClean, code, reason }: Pick<CloseEvent, 'wasClean' | 'code' | 'reason'>): void => {
      life.removeEventListener('freeze', breakOff);
      socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
      // Where a goodbye came back, all that was sent went before ours. Firefox's bufferedAmount does not know yet, and
      // WebKit's neither: it calls such an end unclean (`unhandledBufferedAmount` in WebCore's WebSocket.cpp).
      if (code !== ABNORMAL) drain.finish();
      post([{ readyState: socket.CLOSED }, 0, 'CloseEvent', 'close', { wasClean, code, reason }]);
      resolve();
    };
    const fail = (): void => post([{ readyState: socket.CLOSED }, 0, 'Event', 'error']);
    const breakOff = (): void => {
      fail();
      close({ wasClean: false, code: ABNORMAL, reason: '' });
      socket.close();
    };
    // A connection does not outlive the page's stay in the back/forward cache, or keeps the page out of it.
    life.addEventListener('freeze', breakOff);
    socket.onopen = () => {
      const { readyState, protocol, extensions } = socket;
      post([{ readyState, protocol, extensions }, 0, 'Event', 'open']);
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const state = { readyState: socket.OPEN };
      if (typeof data === 'string') post([state, 0, 'MessageEvent', 'message', { data, origin }]);
      else post([state, 0, 'MessageEvent', 'message', { origin }, data], [data]);
    };
    socket.onerror = fail;
    socket.onclose = close;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!isCommand(data)) return;
      // What comes after the end waits for ever, in the page's bufferedAmount.
      if (data.type === 'send') socket.readyState === socket.OPEN && drain.send(data.data);
      // To the page it has never been open, whatever is on its way to it.
      else if (data.readyState === socket.CONNECTING) breakOff();
      else if (data.code === undefined) socket.close();
      else socket.close(data.code, data.reason);
    };
  });
}

/** Settles when the WebSocket is closed; rejects with what refuses it. */
export type WebSocketHost = (target: WebSocketTarget, port: MessagePort) => Promise<void>;

/** By page. Throws INVALID_ARGUMENT for rules that can't be read. */
export function createWebSocketHost(options: ServeOptions, effects: Effects): (page: Page) => WebSocketHost {
  const policy = createPolicy(options.webSocket, effects.origin, { option: 'webSocket', io: options.io });

  return ({ context, life, takeSocket }) =>
    async ([url, ...protocols], port) => {
      // To the rules, ws: on the frame's host is the frame's own origin.
      const asked = url.replace(/^ws/, 'http');
      const allowed = policy({ url: asked, method: 'GET', headers: [], origin: context.origin });
      const sent = allowed.url.replace(/^http/, 'ws');
      const release = takeSocket();
      try {
        await serveSocket(new effects.WebSocket(sent, protocols), port, life);
      } finally {
        release();
      }
    };
}
