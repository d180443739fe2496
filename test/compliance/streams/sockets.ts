/** What the compliance tests of WebSocket share. */
import { closeSides, next, SIDES, streamsOf, wsUrl } from '../../support/streams.ts';

export type SocketSide = {
  side: (typeof SIDES)[number];
  /** The class of that side. There is one once the tests run. */
  readonly WS: typeof WebSocket;
  /** A socket that is closed after the test. */
  make(name?: string, protocols?: string | string[]): WebSocket;
  /** The same, once it is open. */
  opened(name?: string, protocols?: string | string[]): Promise<WebSocket>;
};

/** Runs the same tests for the engine's own WebSocket and for ours. */
export function describeSockets(what: string, run: (on: SocketSide) => void): void {
  for (const side of SIDES)
    describe(`WebSocket (${side}), ${what}`, () => {
      const open: WebSocket[] = [];
      const on: SocketSide = {
        side,
        get WS() {
          return streamsOf(side).WebSocket;
        },
        make(name = 'echo', protocols) {
          const socket = new on.WS(wsUrl(name), protocols);
          open.push(socket);
          return socket;
        },
        async opened(name, protocols) {
          const socket = on.make(name, protocols);
          await next(socket, 'open');
          return socket;
        },
      };
      afterEach(() => {
        for (const socket of open.splice(0)) socket.close();
      });
      after(closeSides);
      run(on);
    });
}
