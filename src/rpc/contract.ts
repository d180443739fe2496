/**
 * What a page may call once the handshake is done: {@link HostContract}. What goes over the ports
 * that these calls open (one for all requests, one for all push traffic, one for each stream) is in
 * rpc/wire.
 */
import { toWireError, type WireError } from './errors.ts';
import type { WireSignals } from './wire/service.ts';
import type { StreamTarget } from './wire/stream.ts';

/** What a call comes to. Errors are data, so that one place rebuilds them and `code` survives. */
export type Outcome<T> = { value: T } | { error: WireError };

/** `work` as an outcome. Never rejects. */
export async function toOutcome<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: toWireError(error) };
  }
}

/**
 * What a service's method comes to that gives a stream: ItemsMessage to the page, ItemsCommand
 * back, see wire/service.ts.
 */
export type ItemsOutcome = { items: MessagePort };

/**
 * A call and its result: the part of comlink's wire format that is let through, see rpc/guard.ts.
 */
export type WireCall = {
  id: string;
  type: 'APPLY';
  path: [method: string];
  argumentList: RawValue[];
};
export type WireResult = { id: string; type: 'RAW'; value: Outcome<unknown> };
export type RawValue = { type: 'RAW'; value: unknown };

/** The methods of the host that a page may call, and nothing else. */
export type HostContract = {
  /** A sign of life. */
  ping(): Outcome<void>;
  /**
   * Opens the port of all HTTP exchanges of this page: FetchMessage to the page, FetchCommand back,
   * see wire/fetch.ts. There is one: a second is refused with LIMIT_EXCEEDED.
   */
  fetch(port: MessagePort): Promise<Outcome<void>>;
  /**
   * Opens the port of all push traffic of this page. There is one: a second is refused with
   * LIMIT_EXCEEDED. Where the hub serves it, this settles when the hub is lost: with FRAME_LOST,
   * and the page opens another port.
   */
  push(port: MessagePort): Promise<Outcome<void>>;
  /**
   * The connection of an EventSource, with its reconnections, or of a WebSocket; settles when it is
   * over. `port`: StreamMessage to the page, StreamCommand back, see wire/stream.ts.
   */
  stream(target: StreamTarget, port: MessagePort): Promise<Outcome<void>>;
  /**
   * A method of the site's own, from `serve({ services })`. `signals`: where its arguments have an
   * AbortSignal.
   */
  call(
    service: string,
    method: string,
    args: unknown[],
    signals?: WireSignals,
  ): Promise<Outcome<unknown> | ItemsOutcome>;
};

/**
 * The methods of the hub that a page's own host may call, on the page's behalf: the page's port for
 * push and its shared event streams are passed on as they came.
 */
export type HubContract = Pick<HostContract, 'ping' | 'push' | 'stream'> & {
  /** Ends all that is shared, for every page: see `hadokenFrame.endShared()`. */
  endShared(): Promise<Outcome<void>>;
};
