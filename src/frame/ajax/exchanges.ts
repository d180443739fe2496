/** The frame's end of the port that a page has for all its HTTP exchanges, told by number. */
import { readWireRequest } from '../../ajax/request.ts';
import { toWireError } from '../../rpc/errors.ts';
import { unknownCall } from '../../rpc/guard.ts';
import { post } from '../../rpc/transfer.ts';
import { type FetchMessage, readFetchCommand, type WireRequest } from '../../rpc/wire/fetch.ts';
import { Exchange } from './exchange.ts';

/** Does the work of one exchange. Never rejects. `underWay`: of this page, with this one. */
export type ServeExchange = (
  request: WireRequest,
  exchange: Exchange,
  underWay: number,
) => Promise<void>;

/**
 * Serves the exchanges that come over `port`. `onRefused` hears of a request that has not the
 * shape of one, or the number of another that is under way.
 */
export function serveExchanges(
  port: MessagePort,
  serve: ServeExchange,
  onRefused: () => void,
): void {
  const exchanges = new Map<number, Exchange>();
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    const command = readFetchCommand(data);
    if (command?.type !== 'request') {
      if (command) exchanges.get(command.id)?.handle(command);
      return;
    }
    const { id } = command;
    const send = (message: FetchMessage, transfers: Transferable[] = []): void =>
      post(port, { id, ...message }, transfers);
    // Nothing is said of it: who has that number would take it for its own.
    if (exchanges.has(id)) return onRefused();
    const request = readWireRequest(command.request);
    if (!request) {
      onRefused();
      return send({ type: 'error', error: toWireError(unknownCall()) });
    }
    const exchange = new Exchange(send, () => exchanges.delete(id));
    exchanges.set(id, exchange);
    void serve(request, exchange, exchanges.size);
  };
}
