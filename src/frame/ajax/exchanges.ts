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
    const request = readWireRequest(command.request);
    if (!request || exchanges.has(id)) {
      onRefused();
      // Who has that number already is not to be told of another.
      if (!exchanges.has(id)) send({ type: 'error', error: toWireError(unknownCall()) });
      return;
    }
    const exchange = new Exchange(send, () => exchanges.delete(id));
    exchanges.set(id, exchange);
    void serve(request, exchange, exchanges.size);
  };
}
