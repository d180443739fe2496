/** The page's end of the port that a session has for all its HTTP exchanges, told by number. */
import type { HostCall } from '../../rpc/calls.ts';
import { post } from '../../rpc/transfer.ts';
import {
  type FetchCommand,
  type FetchNews,
  readFetchMessage,
  type WireRequest,
} from '../../rpc/wire/fetch.ts';
import { callAll } from '../emitter.ts';

/** One exchange's share of that port. */
export type Line = {
  send(command: FetchCommand, transfers?: Transferable[]): void;
  /** Nothing is heard of the exchange any more. */
  close(): void;
};

/** Who hears of an exchange: what the frame says, and that there is no frame to say anything. */
export type ExchangeListener = {
  onNews(news: FetchNews): void;
  onLost(reason: unknown): void;
};

/** Begins an exchange. Throws the reason of a session that is lost already. */
export type OpenExchange = (request: WireRequest, listener: ExchangeListener) => Line;

/**
 * The exchanges of one session, which `lost` ends. The port is made with the first of them:
 * `createChannel` makes it.
 */
export function createExchanges(
  call: HostCall,
  lost: AbortSignal,
  createChannel = () => new MessageChannel(),
): OpenExchange {
  const listeners = new Map<unknown, ExchangeListener>();
  let port: MessagePort | undefined;
  let exchanges = 0;

  const fail = (reason: unknown): void => {
    const lostPort = port;
    // A listener may ask again at once, and that opens another.
    port = undefined;
    callAll(
      [...listeners.values()].map(
        ({ onLost }) =>
          () =>
            onLost(reason),
      ),
    );
    // Last, for they have told it that they are over.
    lostPort?.close();
  };
  lost.addEventListener('abort', () => fail(lost.reason));

  const open = (): MessagePort => {
    const { port1, port2 } = createChannel();
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      const news = readFetchMessage(data);
      listeners.get(news.id)?.onNews(news);
    };
    port1.start();
    call('fetch', [port2], [port2]).catch(fail);
    return port1;
  };

  return (request, listener) => {
    lost.throwIfAborted();
    port ??= open();
    const openPort = port;
    const id = ++exchanges;
    const send: Line['send'] = (command, transfers = []) =>
      post(openPort, { id, ...command }, transfers);
    send({ type: 'request', request });
    listeners.set(id, listener);
    return { send, close: () => void listeners.delete(id) };
  };
}
