/** A session with the host in this process: the handshake's last step, without frame and gate. */
import type { Effects } from '../frame/effects.ts';
import { createHost, type LocalHost } from '../frame/host.ts';
import { createExchanges, type Line, type OpenExchange } from '../parent/ajax/exchanges.ts';
import type { OpenSession } from '../parent/connection/session.ts';
import { type ConnectOptions, invalidArgument } from '../parent/options.ts';
import { callHost, type HostCall } from '../rpc/calls.ts';
import { HadokenError } from '../rpc/errors.ts';
import { readFrameWord, VERSIONS } from '../rpc/handshake.ts';
import { isPort } from '../rpc/is-platform-object.ts';
import { readNoticeMessage } from '../rpc/wire/notice.ts';
import { type Snapshot, snapshot } from './builtin.ts';
import { putFilesTogether, toPortable } from './files.ts';
import { type Hold, UnrefChannel, unref } from './hold.ts';
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
 * The async contexts of what is on its way through a port, which arrives in order; undefined where
 * Node has none.
 */
type Contexts = (Snapshot | undefined)[];

/**
 * Has what a message does run in the async context of whoever posts it. Node runs a port's
 * listeners in the context in which the port was made, which may be another user's.
 */
function keepContexts(port: MessagePort, contexts: Contexts): void {
  const post = port.postMessage.bind(port) as (...args: unknown[]) => void;
  port.postMessage = (...args: unknown[]): void => {
    post(...args);
    // What can't be posted has thrown.
    contexts.push(snapshot());
  };
}

/** The port of a call's signals keeps no process alive. The guard checks what they are. */
function unrefSignals(signals: unknown): void {
  const { port } = Object(signals) as { port?: unknown };
  if (isPort(port)) unref(port);
}

/**
 * The host's end of `port`, which keeps no process alive. `prepare` sees each message before the
 * host does.
 */
function hostEnd(
  port: MessagePort,
  contexts: Contexts,
  { notify }: LocalHost,
  prepare: (data: unknown) => void,
): MessagePort {
  unref(port);
  const listener = { onmessage: null as ((event: MessageEvent) => void) | null };
  port.addEventListener('message', (event) => {
    const run = contexts.shift();
    prepare(event.data);
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

/** The host's port for calls, and those that come over it. */
function hostPort(
  port: MessagePort,
  contexts: [calls: Contexts, exchanges: Contexts],
  host: LocalHost,
): MessagePort {
  const [calls, exchanges] = contexts;
  return hostEnd(port, calls, host, (call) => {
    const { path, argumentList } = Object(call);
    if (path?.[0] === 'push') unref(argumentList[0].value);
    if (path?.[0] === 'call') unrefSignals(argumentList[3]?.value);
    // The host's end stands in for the port: each exchange runs in its caller's context.
    if (path?.[0] === 'fetch')
      argumentList[0].value = hostEnd(argumentList[0].value, exchanges, host, (command) =>
        putFilesTogether(Object(command).request),
      );
  });
}

/** `call`, which keeps the process alive until it is answered. */
function holding(call: HostCall, hold: Hold): HostCall {
  return async (...args) => {
    const release = hold();
    try {
      return await call(...args);
    } finally {
      release();
    }
  };
}

/**
 * `open`, with requests that a port takes, and each exchange in the async context of its caller; it
 * keeps the process alive until it is over.
 */
function holdingExchanges(open: OpenExchange, hold: Hold): OpenExchange {
  return (wire, { onNews, onLost }) => {
    const inContext = snapshot() ?? ((run) => run());
    const release = hold();
    const begin = (request: typeof wire): Line =>
      open(request, {
        onNews: (news) => inContext(() => onNews(news)),
        onLost: (reason) => inContext(() => onLost(reason)),
      });
    const asked = toPortable(wire);
    // Without a wait where there is nothing to wait for: requests keep their order.
    let line: Line | Promise<Line>;
    try {
      line = asked instanceof Promise ? asked.then(begin) : begin(asked);
    } catch (error) {
      release();
      throw error;
    }
    if (line instanceof Promise) line.catch((reason) => inContext(() => onLost(reason)));
    const withLine = (use: (line: Line) => void): void => {
      if (line instanceof Promise) line.then(use, () => {});
      else use(line);
    };
    return {
      send: (...args) => withLine(({ send }) => send(...args)),
      close() {
        withLine(({ close }) => close());
        release();
      },
    };
  };
}

/** Opens sessions with `host`. */
export function createOpenSession(host: LocalHost, { origin }: Target, hold: Hold): OpenSession {
  return ({ url, timeout, onNotify }, control, onOpen) => {
    const { signal } = control;
    const { port1: port, port2 } = new MessageChannel();
    const calls: Contexts = [];
    const exchanges: Contexts = [];
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
      const openExchange = createExchanges(call, signal, () => {
        const channel = new UnrefChannel();
        keepContexts(channel.port1, exchanges);
        return channel;
      });
      onOpen({
        call: holding(call, hold),
        openExchange: holdingExchanges(openExchange, hold),
        config,
        lost: signal,
      });
      end();
    };
    signal.addEventListener('abort', () => {
      end();
      port.close();
    });
    const offer = { hadoken: 'OFFER', nonce: '', versions: VERSIONS } as const;
    keepContexts(port, calls);
    host.admit({ origin, offer, port: hostPort(port2, [calls, exchanges], host) });
  };
}
