/**
 * What the host does its work with. A worker, the frame's window and a test each give others of it.
 */
import type { Manager } from 'socket.io-client';
import type { ReasonOf } from '../rpc/wire/push-argument.ts';
import type { VaultOptions } from './options/vault.ts';
import type { ServeOptions } from './options.ts';
import type { Page } from './page.ts';
import type { WatchResource } from './timing/resource-timing.ts';
import type { Vault } from './vault/contract.ts';

/** The timers that sharing needs; a test has a clock of its own. */
export type Clock = {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
};

export const platformClock: Clock = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

export type OnProgress = (loaded: number, total: number | undefined) => void;

export type Upload = (
  request: Request,
  /**
   * The request's body, if it is a form: WebKit can't read one with a file back out of a Request.
   */
  form: FormData | undefined,
  signal: AbortSignal,
  onProgress: OnProgress,
) => Promise<Response>;

/** What push needs of the chunk that has it: our own code, and what is used of socket.io-client. */
export type IoModule = {
  createPushHost(
    options: ServeOptions,
    effects: Effects,
  ): (page: Page) => (port: MessagePort) => void;
  Manager: typeof Manager;
  parser: unknown;
  /** What a connection is made with besides: Node's has headers. @default nothing */
  options?: object;
  /** The classes of its transports, all of them, by name. @default the client's own */
  transports?: Record<string, unknown>;
  /** Set where the page is this process's own code, as in Node. @default reasons are kept back */
  reasonOf?: ReasonOf;
};

/** What the vault's chunk has. */
export type VaultModule = {
  createVault(options: VaultOptions, log: (message: string) => void): Vault;
};

/**
 * Keeps what the next frame needs; see storage/session-store.ts. None of its methods throws or
 * rejects.
 */
export type SessionStore = {
  get(key: string): Promise<string | undefined>;
  /** Resolves once it is kept. */
  set(key: string, value: string): Promise<void>;
  delete(key: string): void;
};

/** What is used of a BroadcastChannel. */
export type NoticeChannel = {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
};

/** What the host does its work with. */
export type Effects = {
  /** The frame's own origin. */
  origin: string;
  /**
   * Set where the page is this process's own code, as in Node: then it is not asked whether it may,
   * so that it reaches all of the frame's origin. The window and the worker never set it.
   */
  isTrusted?: true;
  /** Makes ports that stay open with nothing to do. @default MessageChannel */
  Channel?: typeof MessageChannel;
  /** `body`: the request's, for who may have to send it again. */
  fetch(request: Request, body?: BodyInit | null): Promise<Response>;
  /** What the page gets for an error of a body. @default the error itself */
  toBodyFailure?(error: unknown): unknown;
  WebSocket: typeof WebSocket;
  /** The engine's own times of requests. Without it a page hears of the frame's alone. */
  watchResource?: WatchResource | undefined;
  /** `fetch` that tells how much of the body has left. Without it nobody is told. */
  upload?: Upload;
  /**
   * Whether the Content-Security-Policy keeps requests of this scope on its own origin, redirects
   * included.
   */
  isConfined?(): Promise<boolean>;
  /** Whether a request's body may be a stream, now; else it is collected first. */
  canStream?(): boolean;
  /**
   * Where recoverable sessions are kept for the next frame. Without it only this frame recovers
   * them.
   */
  sessions?: SessionStore;
  /** Where the end of all that is shared is told, to hubs of other releases and rules too. */
  openEndings?(): BroadcastChannel | undefined;
  /** Where notices go, to every frame of this browser. Without it they reach this host's pages. */
  openNotices?(): NoticeChannel | undefined;
  /** Loads push with socket.io-client, which are a file of their own. */
  loadIo(): Promise<IoModule>;
  /** Loads the parser of `io.parser: 'msgpack'`, which is a file of its own. */
  loadMsgpack?(): Promise<Pick<IoModule, 'parser'>>;
  /** Loads the vault, which is a file of its own. Without it there is none. */
  loadVault?(): Promise<VaultModule>;
  /** The values of those cookies that are set, decoded. Without it there are none. */
  readCookies?(names: readonly string[]): Promise<Record<string, string>>;
  log(message: string): void;
  /** For the lines to the hub, and in it. @default the platform's timers */
  clock?: Clock;
};
