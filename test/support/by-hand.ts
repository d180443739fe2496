/** An allowed page that speaks with the host by hand: no code of ours has seen what it sends. */
import { callByHand, openExchangesByHand, shakeByHand } from './attacker.ts';
import { frameUrl } from './env.ts';

export type RawRequest = {
  url: string;
  method?: string;
  headers?: [name: string, value: string][];
  body?: unknown;
  init?: object;
};

/** What a call came to: the head of an answer, or an error. */
export type RawOutcome = { value?: { status: number }; error?: { code?: string; message: string } };

export type RawPage = {
  fetch(request: RawRequest): Promise<RawOutcome>;
  /**
   * Opens an EventSource or a WebSocket. Its error; or undefined once something came from it, and
   * then it is closed.
   */
  stream(kind: 'eventSource' | 'webSocket', url: string): Promise<RawOutcome['error']>;
  close(): void;
};

export async function openByHand(host: string): Promise<RawPage> {
  const { port, frame } = await shakeByHand(frameUrl(host));
  const exchanges = openExchangesByHand(port);
  let requests = 0;

  const call = async (
    method: string,
    argument: unknown,
    theirs: MessagePort,
  ): Promise<RawOutcome> => {
    const argumentList = [
      { type: 'RAW', value: argument },
      { type: 'RAW', value: theirs },
    ];
    const message = { type: 'APPLY', path: [method], argumentList };
    const answer = (await callByHand(port, message, 20_000, [theirs])) as { value: RawOutcome };
    return answer.value;
  };

  return {
    async fetch({ url, method = 'GET', headers = [], body, init = {} }) {
      const request = { url, method, headers, init, ...(body === undefined ? {} : { body }) };
      const id = ++requests;
      const { head, error } = await exchanges.ask(id, request);
      // The head is all that is looked at; whoever leaves a body unread keeps one of the host's
      // places.
      exchanges.post(id, { type: 'abort' });
      return { ...(head && { value: head }), ...(error && { error }) };
    },
    stream(kind, url) {
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve) => {
        port1.onmessage = () => {
          port1.postMessage({ type: 'close', readyState: 1 });
          resolve(undefined);
        };
        void call('stream', { kind, url, protocols: [] }, port2).then(({ error }) =>
          resolve(error),
        );
      });
    },
    close: () => frame.remove(),
  };
}
