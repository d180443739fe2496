/**
 * frame.io.js: what the frame needs of socket.io-client, loaded when a page asks for its first
 * socket.
 */
import { Encoder } from 'socket.io-parser';
import { TextKeepingDecoder } from './packet-decoder.ts';

export { Manager } from 'socket.io-client';
/** The Manager's `parser` option. */
export const parser = { Encoder, Decoder: TextKeepingDecoder };
