/** Socket.IO's own decoder, which also keeps what a packet was decoded from. */
import { Decoder } from 'socket.io-parser';

/** Type, namespace and id, as `encodeAsString` of socket.io-parser writes them before the JSON. */
const HEAD = /^\d(?:\/[^,]*,)?\d*/;

/**
 * Puts `text`, its data as JSON, to each packet that has data and nothing binary. To a page goes the text: to copy it and to
 * read it there costs a third of a structured clone.
 */
export class TextKeepingDecoder extends Decoder {
  #received: unknown;

  constructor() {
    super();
    // Before the Manager's listener: it is added when a connection opens.
    this.on('decoded', (packet) => {
      const text = typeof this.#received === 'string' && this.#received.replace(HEAD, '');
      if (text) Object.assign(packet, { text });
    });
  }

  override add(received: unknown): void {
    this.#received = received;
    super.add(received);
  }
}
