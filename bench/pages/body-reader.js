/** Resolves with the number of bytes in the response's body, taken chunk by chunk. */
export async function readAll(response) {
  const reader = response.body.getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes += value.byteLength;
  }
}

// As a worker: reads what it is told to.
if (typeof document === 'undefined')
  self.onmessage = async ({ data: url }) => postMessage(await readAll(await fetch(url)));
