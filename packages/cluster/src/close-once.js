/**
 * Makes `server.close(done)` do `work` once. A second call gets the same promise, and its `done` is called as well.
 *
 * @param {import('socket.io').Server} server
 * @param {(close: (done?: (error?: Error) => void) => Promise<void>) => Promise<Error | void>} work is given Socket.IO's own
 *   `close()`, and resolves with what `done` is called with
 */
export function closeOnce(server, work) {
  const close = server.close.bind(server);
  let closed;
  server.close = (done) => {
    closed ??= work(close);
    if (done) closed.then(done, done);
    return closed;
  };
}
