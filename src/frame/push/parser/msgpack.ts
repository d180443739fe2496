/** frame.msgpack.js: the parser of `io.parser: 'msgpack'`, loaded where host.js says so. */
import { Decoder, Encoder } from 'socket.io-msgpack-parser';
import type { DecodedPacket } from '../../../rpc/wire/push-packet.ts';

/**
 * The decoder of socket.io-msgpack-parser, which gives a packet with whatever members the server
 * has put there. Of this one it has the protocol's alone: `text` would go to the page unread.
 */
class PlainDecoder extends Decoder {
  /** Node's bytes are a view of more, and the original takes what is binary out of all of that. */
  override add(received: unknown): void {
    const isView = ArrayBuffer.isView(received);
    super.add(isView ? new Uint8Array(received as Uint8Array).buffer : received);
  }

  /** Its one event is 'decoded'. */
  override emit(event: string, { type, nsp, data, id }: DecodedPacket): this {
    return super.emit(event, { type, nsp, data, ...(id !== undefined && { id }) });
  }
}

export const parser = { Encoder, Decoder: PlainDecoder };
