/** Socket.IO's own decoder, which also keeps what a packet was decoded from. */
import { Decoder } from 'socket.io-parser';

/**
 * A private method of the Decoder of socket.io-parser 4: it is given the packet's JSON, and gives
 * the data.
 */
type Parsing = { tryParse(json: string): unknown };

/**
 * Puts `text`, its data as JSON, to each packet that has data and nothing binary. To a page goes
 * the text: to copy it and to read it there costs a third of a structured clone. The text is what
 * the decoder itself has parsed, and nothing that was found by looking for it: the decoder takes a
 * space for a digit of an id, and so the two would not agree. A decoder that does not call
 * `tryParse` gives no text, and its packets go as structured clones.
 */
export class TextKeepingDecoder extends Decoder {
  #text: string | undefined;

  constructor() {
    super();
    const decoder = this as unknown as Parsing;
    const tryParse = decoder.tryParse?.bind(this);
    decoder.tryParse = (json) => {
      this.#text = json;
      return tryParse?.(json);
    };
    // Before the Manager's listener: it is added when a connection opens.
    this.on('decoded', (packet) => {
      if (this.#text !== undefined) Object.assign(packet, { text: this.#text });
    });
  }

  override add(received: unknown): void {
    this.#text = undefined;
    super.add(received);
  }
}
