/**
 * What is used of ws. Its own types would bring all of Node's globals into src, where a page's code
 * must not know them: tsconfig.json puts these in their place.
 */
export type ClientOptions = { headers?: Record<string, string> };

export class WebSocket extends globalThis.WebSocket {
  constructor(url: string | URL, protocols?: string | string[], options?: ClientOptions);
  once(name: 'close', listener: () => void): this;
  terminate(): void;
  on(event: 'error', listener: (error: Error) => void): this;
}
