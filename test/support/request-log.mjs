/**
 * Remembers every request whose URL has a query `id`, so that a test can ask what the server saw:
 * preflights, headers, how much was sent, whether the browser hung up.
 */
export class RequestLog {
  #entries = new Map();

  add(request, response, url) {
    const id = url.searchParams.get('id');
    if (!id || /\/api\/log$/.test(url.pathname)) return;
    const { socket } = request;
    const startedAt = socket.bytesRead;
    const entry = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      aborted: false,
      finished: false,
      bytesSent: 0,
      bytesReceived: 0,
    };
    if (!this.#entries.has(id)) this.#entries.set(id, []);
    this.#entries.get(id).push(entry);
    for (const name of ['write', 'end']) {
      const original = response[name];
      response[name] = (chunk, ...rest) => {
        if (chunk && typeof chunk !== 'function') entry.bytesSent += Buffer.byteLength(chunk);
        return original.call(response, chunk, ...rest);
      };
    }
    response.on('finish', () => {
      entry.finished = true;
    });
    response.on('close', () => {
      entry.aborted = !entry.finished;
      // Of the body, more or less: the head has been read by the time we are called.
      entry.bytesReceived = socket.bytesRead - startedAt;
    });
  }

  /** What was seen under `id`, oldest first. */
  get(id) {
    return this.#entries.get(id) ?? [];
  }
}
