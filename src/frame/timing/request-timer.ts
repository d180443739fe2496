/** When the frame did what with one request, for a page that has asked. */
import { now, toEpoch } from '../../rpc/time/clock.ts';
import type { ResourceTiming, WireTiming } from '../../rpc/wire/timing.ts';
import type { Effects } from '../effects.ts';
import type { ResourceWatch } from './resource-timing.ts';
import { readServerTiming } from './server-timing.ts';

export class RequestTimer {
  readonly #startTime = now();
  #fetchStart = 0;
  #responseStart = 0;
  #watch: ResourceWatch | undefined;

  /** It goes to `url` now. */
  sending(url: string, { watchResource }: Effects): void {
    this.#fetchStart = now();
    // A hook, or the vault, may have it sent again: the last counts.
    this.#watch?.close();
    this.#watch = watchResource?.(url);
  }

  /** Its head has come. */
  answered(): void {
    this.#responseStart = now();
    this.#watch?.answered();
  }

  /** Nothing of the real request is told: it failed, or its answer is not what the page gets. */
  conceal(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** For the head of `shown`, the answer that the page gets. */
  toWire(shown: Response): WireTiming {
    return {
      frame: {
        startTime: toEpoch(this.#startTime),
        fetchStart: toEpoch(this.#fetchStart),
        responseStart: toEpoch(this.#responseStart),
        answerStart: toEpoch(now()),
      },
      serverTiming: readServerTiming(shown.headers.get('server-timing')),
      isFollowed: !!this.#watch,
    };
  }

  /** What follows the body, to be posted last of all, where the head has said so. */
  async follow(post: (resource: ResourceTiming | undefined) => void): Promise<void> {
    const resource = await this.#watch?.take();
    if (this.#watch) post(resource);
  }
}
