/**
 * Whether the engine takes a stream as a request's body. An engine that does reads `duplex`;
 * Firefox would send the text "[object ReadableStream]" with its Content-Type, and WebKit throws.
 *
 * @see https://developer.chrome.com/docs/capabilities/web-apis/fetch-streaming-requests
 */
function takesStreams(): boolean {
  let asked = false;
  try {
    const init = {
      method: 'POST',
      body: new ReadableStream(),
      get duplex() {
        asked = true;
        return 'half';
      },
    };
    const request = new Request('https://hadoken.invalid/', init);
    return asked && !request.headers.has('content-type');
  } catch {
    return false;
  }
}

/**
 * Whether a request to `origin` may have a stream as its body: where the engine takes one, and only
 * over HTTP/2 or later, for Chromium fails it over HTTP/1.1.
 */
export function canStream(origin: string): boolean {
  const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  const isH2 = entries.some(
    ({ name, nextHopProtocol }) => name.startsWith(`${origin}/`) && /^h[23]/.test(nextHopProtocol),
  );
  return isH2 && takesStreams();
}
