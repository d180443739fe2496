/** A session with the host in this process: the handshake's last step, without frame and gate. */
import type { Effects } from '../frame/effects.ts';
import { createHost, type LocalHost } from '../frame/host.ts';
import type { OpenSession } from '../parent/connection/session.ts';
import { type ConnectOptions, invalidArgument } from '../parent/options.ts';
import { callHost, type HostCall } from '../rpc/calls.ts';
import { HadokenError } from '../rpc/errors.ts';
import { readFrameWord, VERSIONS } from '../rpc/handshake.ts';
import { isPort } from '../rpc/is-platform-object.ts';
import type { WireRequest } from '../rpc/wire/fetch.ts';
import { readNoticeMessage } from '../rpc/wire/notice.ts';
import { type Snapshot, snapshot } from './builtin.ts';
import { putFilesTogether, toPortable } from './files.ts';
import { type Hold, unref } from './hold.ts';
import { runWithNotify } from './notify.ts';
import type { Target } from './options.ts';

/**
 * A host for the process's own code, which may reach all of the frame's origin: there is nobody to
 * protect from it, and its server is the one to judge. Throws INVALID_ARGUMENT for options that
 * can't be read.
 */
export function createNodeHost(
  { origin }: Target,
  { config, services = {}, io = {} }: ConnectOptions,
  effects: Effects,
): LocalHost {
  // Any value may be one; `serve()` has a narrower type for it.
  const given = config as object;
  const limits = { requests: Infinity, sockets: Infinity, bodyBytes: Infinity };
  try {
    return createHost(
      {
        origins: [origin],
        io,
        config: given,
        services,
        limits,
        webSocket: true,
        eventSource: true,
      },
      effects,
    );
  } catch (error) {
    throw invalidArgument((error as Error).message.replace(/^serve\(\): |\.$/g, ''));
  }
}

/**
 * Has what a call does run in the async context of its caller. Node runs a port's listeners in the
 * context in which the port was made, which may be another user's.
 * `contexts`: of the calls on their way, which arrive in order; undefined where Node has none.
 */
function keepContexts(port: MessagePort, contexts: (Snapshot | undefined)[]): void {
  const post = port.postMessage.bind(port) as (...args: unknown[]) => void;
  port.postMessage = (...args: unknown[]): void => {
    post(...args);
    // What can't be posted has thrown.
    contexts.push(snapshot());
  };
}

/** They come by the same process's own code; what they are is the guard's to check. */
function unrefSignals(signals: unknown): void {
  const { port } = Object(signals) as { port?: unknown };
  if (isPort(port)) unref(port);
}

/** The port of the host, whose ports for push and signals keep no process alive either. */
function hostPort(
  port: MessagePort,
  contexts: (Snapshot | undefined)[],
  { notify }: LocalHost,
): MessagePort {
  unref(port);
  const listener = { onmessage: null as ((event: MessageEvent) => void) | null };
  port.addEventListener('message', (event) => {
    const run = contexts.shift();
    const { path, argumentList } = Object(event.data);
    if (path?.[0] === 'push') unref(argumentList[0].value);
    if (path?.[0] === 'fetch') putFilesTogether(argumentList[0].value);
    if (path?.[0] === 'call') unrefSignals(argumentList[3]?.value);
    const handle = (): void => runWithNotify(notify, () => listener.onmessage?.(event));
    if (run) run(handle);
    else handle();
  });
  // Those of the calls that follow must not move up.
  port.addEventListener('messageerror', () => contexts.shift());
  return Object.assign(listener, {
    postMessage: (message: unknown, transfer: Transferable[] = []) =>
      port.postMessage(message, transfer),
    close: () => port.close(),
  }) as unknown as MessagePort;
}

/** `call`, which keeps the process alive until it is answered. */
function holding(call: HostCall, hold: Hold): HostCall {
  return async (method, args, transfer) => {
    const release = hold();
    try {
      const asked = method === 'fetch' && toPortable(args[0] as WireRequest);
      // Without a wait where there is nothing to wait for: calls keep their order.
      const request = asked instanceof Promise ? await asked : asked;
      const sent = request ? [request, ...args.slice(1)] : args;
      return await call(method, sent as typeof args, transfer);
    } finally {
      release();
    }
  };
}

/** Opens sessions with `host`. */
export function createOpenSession(host: LocalHost, { origin }: Target, hold: Hold): OpenSession {
  return ({ url, timeout, onNotify }, control, onOpen) => {
    const { signal } = control;
    const { port1: port, port2 } = new MessageChannel();
    const release = hold();
    const timer = setTimeout(() => {
      const message = `config for ${url} has not answered within ${timeout} ms.`;
      control.abort(new HadokenError('FRAME_TIMEOUT', message));
    }, timeout);
    const end = (): void => {
      clearTimeout(timer);
      release();
    };
    unref(port);
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const { hadoken, config, code = 'HOST_FAILED', message = '' } = readFrameWord(data);
      if (hadoken === 'REFUSE') return control.abort(new HadokenError(code, message));
      const call = callHost(port, signal, (said) => {
        const notice = readNoticeMessage(said);
        if (notice) onNotify(notice.name, notice.data);
      });
      onOpen({ call: holding(call, hold), config, lost: signal });
      end();
    };
    signal.addEventListener('abort', () => {
      end();
      port.close();
    });
    const offer = { hadoken: 'OFFER', nonce: '', versions: VERSIONS } as const;
    const contexts: (Snapshot | undefined)[] = [];
    keepContexts(port, contexts);
    host.admit({ origin, offer, port: hostPort(port2, contexts, host) });
  };
}
