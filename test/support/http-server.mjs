import { once } from 'node:events';
import { createServer } from 'node:http';

/** A server on a free port of the loopback. A handler that throws answers 500 and says so on the console. */
export async function listen(handler) {
  const server = createServer(async (request, response) => {
    try {
      await handler(request, response, new URL(request.url, 'http://server'));
    } catch (error) {
      if (request.destroyed || response.destroyed) return;
      console.error(`${request.method} ${request.url}:`, error);
      if (response.headersSent) response.destroy();
      else sendText(response, 500, String(error?.stack ?? error));
    }
  });
  // Uploads and long answers of the tests take the time they take.
  server.requestTimeout = 0;
  // After Node's five seconds a kept connection ends, and what a browser sends in that moment is lost.
  server.keepAliveTimeout = 0;
  // A program whose tests are done may end: it need not know what it has started.
  server.unref();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: server.address().port };
}

export function sendText(response, status, text) {
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}

export function sendJson(response, value, status = 200) {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

/** `?header=name:value`, any number of them: a page or a frame with the headers that a test asks for. */
export function setAskedHeaders(response, url) {
  for (const header of url.searchParams.getAll('header')) {
    const [name, ...value] = header.split(':');
    response.appendHeader(name, value.join(':'));
  }
}

/**
 * Lets any page read what this response says, and answers its preflight. Returns true if it was one.
 * With credentials `*` means nothing, so what is asked for and what is sent are named one by one.
 */
export function allowCors(request, response) {
  const { origin = '*' } = request.headers;
  response.setHeader('access-control-allow-origin', origin);
  if (origin !== '*') response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('vary', 'origin');
  const method = request.headers['access-control-request-method'];
  if (request.method === 'OPTIONS' && method) {
    response.setHeader('access-control-allow-methods', method);
    const headers = request.headers['access-control-request-headers'];
    if (headers) response.setHeader('access-control-allow-headers', headers);
    response.writeHead(204).end();
    return true;
  }
  const writeHead = response.writeHead;
  response.writeHead = (...args) => {
    const names = response.getHeaderNames().filter((name) => !name.startsWith('access-control-'));
    response.setHeader('access-control-expose-headers', names.join(', '));
    return writeHead.apply(response, args);
  };
  return false;
}
