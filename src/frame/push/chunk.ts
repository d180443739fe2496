/**
 * frame.io.js: push on the frame's side, with socket.io-client, loaded when a page asks for its
 * first socket.
 */
import { Encoder } from 'socket.io-parser';
import { TextKeepingDecoder } from './parser/packet-decoder.ts';

export { Manager } from 'socket.io-client';
export { createPushHost } from './push.ts';
/** The Manager's `parser` option. */
export const parser = { Encoder, Decoder: TextKeepingDecoder };
