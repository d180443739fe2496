export const usage: string;
/** What {@link pack} takes. */
export interface PackOptions {
  /** The path of host.js. One that has imports, or is TypeScript, is bundled with esbuild. */
  host: string;
  /** The folder to write to; it is made where it is not there. */
  out: string;
  /** Where the folder is served, for `_headers.example`. @default '/hadoken/' */
  path?: string;
  /** Also into a folder that is not empty. @default false */
  force?: boolean;
}
/** What {@link pack} has written. */
export interface Packed {
  /** The names of the files. */
  files: string[];
  /** The Content-Security-Policy of each file that has one, by its name. */
  policies: Record<string, string>;
  /** The `integrity` of each script that a page loads, by its name. */
  integrity: Record<string, string>;
  /** The bytes of frame.html, gzipped. */
  size: number;
  /** What is left to do by hand, in a sentence each. */
  warnings: string[];
}
/**
 * Packs frame.js and host.js into one frame.html, and writes what it needs beside it. Rejects with an
 * Error that says why, and has written nothing then.
 */
export function pack(options: PackOptions): Promise<Packed>;
/** A plugin for rollup and Vite: packs when a bundle has been written. `force` is always true. */
export function hadokenPack(options: PackOptions): {
  name: string;
  apply: 'build';
  buildStart(this: { addWatchFile(path: string): void }): void;
  writeBundle(): Promise<void>;
};
export function run(args: string[]): Promise<void>;
