/**
 * What keeps the process alive. An idle client does not: its ports are unref'd. What is under way
 * does, as Node's own would.
 */

import { LONGEST } from '../rpc/time/longest.ts';

/** Keeps the process alive until what it returns is called; calling that again does nothing. */
export type Hold = () => () => void;

export function createHold(): Hold {
  const held = new Set<object>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return () => {
    const token = {};
    held.add(token);
    timer ??= setInterval(() => {}, LONGEST);
    return () => {
      held.delete(token);
      if (held.size) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
}

type NodePort = MessagePort & { on(event: 'message', listener: () => void): void; unref(): void };

/** Keeps `port` from keeping the process alive. Node refs a port at its first listener only. */
export function unref(port: MessagePort): void {
  const nodePort = port as NodePort;
  nodePort.on('message', () => {});
  nodePort.unref();
}

/** A MessageChannel whose first port does not keep the process alive. */
export const UnrefChannel = function UnrefChannel(): MessageChannel {
  const channel = new MessageChannel();
  unref(channel.port1);
  return channel;
} as unknown as typeof MessageChannel;
