/** The hub, one SharedWorker for all pages, seen from a page's gate. */
import { type GateToHub, type HubToGate, RELEASE } from '../../rpc/wire/hub.ts';
import { answerCookies } from './cookies.ts';
import type { Script } from './worker.ts';

/**
 * How long the gate waits for the hub's answer, in ms. A hub that died as it started tells its
 * first page alone; later ones hear nothing.
 */
export const START_TIMEOUT = 5_000;
/** For the end of all that is shared, in ms. */
const END_TIMEOUT = 3_000;

export type HubDoor = {
  /** Takes a place in the hub; resolves with the port for the page's own worker. */
  join(origin: string): MessagePort;
  tell(word: 'FREEZE' | 'THAW' | 'BYE'): void;
  /** Ends all that is shared; resolves with whether the hub has said so. */
  end(): Promise<boolean>;
};

/** A member of the options that TypeScript's DOM library does not know yet. */
type SharedOptions = WorkerOptions & { extendedLifetime: true };

/**
 * Starts the hub, or finds it. Rejects where there is none: no SharedWorker, a
 * Content-Security-Policy that forbids it, a script that fails there.
 */
export function connectHub({ url, type }: Script, name: string): Promise<HubDoor> {
  return new Promise((resolve, reject) => {
    // Chromium ends a worker between two pages otherwise, and its connections.
    const options: SharedOptions = { type, name, extendedLifetime: true };
    const worker = new SharedWorker(url, options);
    const { port } = worker;
    const post = (message: GateToHub, transfer: Transferable[] = []): void =>
      port.postMessage(message, transfer);
    const onEnded: ((isDone: boolean) => void)[] = [];
    const fail = (why: string): void => {
      clearTimeout(timer);
      port.close();
      reject(new Error(why));
    };
    const timer = setTimeout(fail, START_TIMEOUT, `no answer within ${START_TIMEOUT} ms`);
    worker.onerror = (event) => {
      event.preventDefault?.();
      fail('the SharedWorker could not be started');
    };
    const door: HubDoor = {
      join(origin) {
        const { port1, port2 } = new MessageChannel();
        post({ hadoken: 'JOIN', origin, port: port2 }, [port2]);
        return port1;
      },
      tell: (hadoken) => post({ hadoken }),
      end: () =>
        new Promise((ended) => {
          onEnded.push(ended);
          setTimeout(ended, END_TIMEOUT, false);
          post({ hadoken: 'END' });
        }),
    };
    port.onmessage = ({ data }: MessageEvent<HubToGate>) => {
      if (data.hadoken === 'ENDED') onEnded.shift()?.(true);
      else if (data.hadoken === 'COOKIES') post(answerCookies(data));
      else if (data.hadoken === 'FAILED') fail(data.message);
      else if (data.release !== RELEASE) fail(`it is of release ${data.release}`);
      else {
        clearTimeout(timer);
        // What host.js throws later, in a hub that lives: Firefox tells every page of it.
        worker.onerror = (event) => event.preventDefault?.();
        resolve(door);
      }
    };
  });
}
