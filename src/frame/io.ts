/** frame.io.js: what the frame needs of socket.io-client, loaded when a page asks for its first socket. */
export { Manager } from 'socket.io-client';
