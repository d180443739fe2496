/**
 * The ports of the pages' gates, inside the hub. They come as soon as the SharedWorker's script
 * runs, and wait here until its `serve()` was called, or the hub has failed.
 */
import type { HubToGate } from '../../rpc/wire/hub.ts';

type SharedWorkerScope = {
  onconnect: ((event: MessageEvent) => void) | null;
  close(): void;
};

export type HubPorts = {
  /** Takes the ports that have come, and each that comes. */
  serve(take: (port: MessagePort) => void): void;
  /** Tells every gate why there is no hub, and ends the worker: the next page starts it anew. */
  fail(message: string): void;
  close(): void;
};

/** Undefined where this is no SharedWorker. */
export function openHubPorts(): HubPorts | undefined {
  if (!('onconnect' in globalThis)) return undefined;
  const scope = globalThis as unknown as SharedWorkerScope;
  const waiting: MessagePort[] = [];
  let take = (port: MessagePort): void => void waiting.push(port);
  scope.onconnect = ({ ports: [port] }) => {
    if (port) take(port);
  };
  const serve: HubPorts['serve'] = (next) => {
    take = next;
    for (const port of waiting.splice(0)) next(port);
  };
  return {
    serve,
    fail(message) {
      const word: HubToGate = { hadoken: 'FAILED', message };
      serve((port) => port.postMessage(word));
      // The word goes first.
      setTimeout(() => scope.close());
    },
    close: () => scope.close(),
  };
}
