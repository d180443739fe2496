/**
 * What Node lacks of the platform, in some of its releases, and the facades use: rollup.config.mjs
 * puts these in their places. Nothing is made global.
 */

const native = globalThis as Partial<typeof globalThis>;

/** An error of a listener's is uncaught, as one of an EventTarget's is. */
export const reportError =
  native.reportError ??
  ((error: unknown): void =>
    queueMicrotask(() => {
      throw error;
    }));

/** @see https://html.spec.whatwg.org/multipage/webappapis.html#errorevent */
export const ErrorEvent =
  native.ErrorEvent ??
  class ErrorEvent extends Event {
    readonly error: unknown;
    readonly message: string;
    constructor(type: string, { error, message = '' }: ErrorEventInit = {}) {
      super(type);
      this.error = error;
      this.message = message;
    }
  };

/** Node has it since 23. @see https://websockets.spec.whatwg.org/#the-closeevent-interface */
export const CloseEvent =
  native.CloseEvent ??
  class CloseEvent extends Event {
    readonly code: number;
    readonly reason: string;
    readonly wasClean: boolean;
    constructor(type: string, { code = 0, reason = '', wasClean = false }: CloseEventInit = {}) {
      super(type);
      this.code = code;
      this.reason = reason;
      this.wasClean = wasClean;
    }
  };
