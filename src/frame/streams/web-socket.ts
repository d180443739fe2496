/**
 * The frame's side of `hadoken.WebSocket`: the real one, whose events are posted to the page one by
 * one.
 */
import { byteLengthOf } from '../../ajax/body.ts';
import {
  readStreamCommand,
  type StreamMessage,
  type WebSocketTarget,
} from '../../rpc/wire/stream.ts';
import type { Effects } from '../effects.ts';
import type { ServeOptions } from '../options.ts';
import type { Page } from '../page.ts';
import { createPolicy } from '../rules/policy.ts';

/** Between two looks at how much has left, in ms: no event tells. */
const DRAIN_INTERVAL = 20;
/** The connection is gone, and nobody said goodbye. RFC 6455, 7.4.1. */
const ABNORMAL = 1_006;

type Drain = {
  send(data: string | ArrayBuffer | Blob): void;
  /** Reports all that was given to it as sent. */
  finish(): void;
};

/** Sends over `socket`, and calls `onSent` with the bytes that have left it since the last time. */
function createDrain(socket: WebSocket, onSent: (bytes: number) => void): Drain {
  let given = 0;
  let reported = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const report = (left: number): void => {
    // WebKit counts the frames' heads with what waits.
    if (left <= reported) return;
    onSent(left - reported);
    reported = left;
  };
  const look = (): void => {
    report(given - socket.bufferedAmount);
    const waits = reported < given && socket.readyState < socket.CLOSED;
    timer = waits ? setTimeout(look, DRAIN_INTERVAL) : undefined;
  };
  return {
    send(data) {
      given += byteLengthOf(data);
      socket.send(data);
      if (timer === undefined) timer = setTimeout(look);
    },
    finish: () => report(given),
  };
}

/** Resolves when it is closed. */
function serveSocket(socket: WebSocket, port: MessagePort, life: EventTarget): Promise<void> {
  const post = (message: StreamMessage, transfer: Transferable[] = []): void =>
    port.postMessage(message, transfer);
  const drain = createDrain(socket, (sent) => post({ sent }));
  let isError = false;
  socket.binaryType = 'arraybuffer';

  return new Promise((resolve) => {
    const close = ({
      wasClean,
      code,
      reason,
    }: Pick<CloseEvent, 'wasClean' | 'code' | 'reason'>): void => {
      life.removeEventListener('freeze', breakOff);
      socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
      // Where a goodbye came back, all that was sent went before ours. Firefox's bufferedAmount
      // does not know yet, and WebKit's neither: it calls such an end unclean
      // (`unhandledBufferedAmount` in WebCore's WebSocket.cpp).
      if (code !== ABNORMAL) drain.finish();
      post({ event: { kind: 'CloseEvent', wasClean, code, reason, isError } });
      resolve();
    };
    const breakOff = (): void => {
      isError = true;
      close({ wasClean: false, code: ABNORMAL, reason: '' });
      socket.close();
    };
    // A connection does not outlive the page's stay in the back/forward cache, or keeps the page
    // out of it.
    life.addEventListener('freeze', breakOff);
    socket.onopen = () => {
      const { protocol, extensions } = socket;
      post({ event: { kind: 'Event', type: 'open', protocol, extensions } });
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const transfer = typeof data === 'string' ? [] : [data];
      post({ event: { kind: 'MessageEvent', type: 'message', data } }, transfer);
    };
    // Its close event follows.
    socket.onerror = () => {
      isError = true;
    };
    socket.onclose = close;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const command = readStreamCommand(data);
      if (command?.type === 'send') {
        // What comes after the end waits for ever, in the page's bufferedAmount.
        if (socket.readyState === socket.OPEN) drain.send(command.data);
      } else if (command?.type === 'close') {
        const { code, reason, readyState } = command;
        // To the page it has never been open, whatever is on its way to it.
        if (readyState === socket.CONNECTING) breakOff();
        // Chromium takes no reason without a code.
        else if (code === undefined) socket.close();
        else socket.close(code, reason);
      }
    };
  });
}

/** Settles when the WebSocket is closed; rejects with what refuses it. */
export type WebSocketHost = (target: WebSocketTarget, port: MessagePort) => Promise<void>;

/** By page. Throws INVALID_ARGUMENT for rules that can't be read. */
export function createWebSocketHost(
  options: ServeOptions,
  effects: Effects,
): (page: Page) => WebSocketHost {
  const policy = createPolicy(options.webSocket, effects.origin, {
    option: 'webSocket',
    io: options.io,
    isTrusted: effects.isTrusted,
  });

  return ({ context, life, takeSocket }) =>
    async ({ url, protocols }, port) => {
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
