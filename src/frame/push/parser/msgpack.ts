/** frame.msgpack.js: the parser of `io.parser: 'msgpack'`, loaded where host.js says so. */
import { Decoder, Encoder } from 'socket.io-msgpack-parser';
import { RESERVED } from '../../../rpc/wire/push-event.ts';
import { type DecodedPacket, EVENT } from '../../../rpc/wire/push-packet.ts';

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

  /** As socket.io-parser does, which refuses an event whose name is none, or Socket.IO's own. */
  override checkPacket(packet: DecodedPacket): void {
    super.checkPacket(packet);
    const { type, data } = packet;
    if (type !== EVENT) return;
    const [name] = data;
    if (typeof name !== 'number' && (typeof name !== 'string' || RESERVED.test(name)))
      throw new Error('invalid payload');
  }

  /** Its one event is 'decoded'. */
  override emit(event: string, { type, nsp, data, id }: DecodedPacket): this {
    return super.emit(event, { type, nsp, data, ...(id !== undefined && { id }) });
  }
}

export const parser = { Encoder, Decoder: PlainDecoder };
