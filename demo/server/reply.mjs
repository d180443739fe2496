/** JSON out. `extra` are response headers. */
export function sendJson(response, status, value, extra = {}) {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...extra,
  });
  response.end(body);
}

/** The one error shape of this API. */
export function sendProblem(response, status, message, extra = {}) {
  sendJson(response, status, { error: { status, message } }, extra);
}

/** The whole body as text, up to `limit` bytes; throws a `RangeError` above it. */
export async function readText(request, limit = 1_000_000) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > limit) throw new RangeError(`The body is larger than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
