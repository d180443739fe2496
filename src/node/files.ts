/**
 * Files of a form on their way through a port: Node 20 clones a File as a Blob, which has no name.
 */
import type { WireRequest } from '../rpc/wire/fetch.ts';

type Parts = { file: Blob; name: string; type: string; lastModified: number };

const isEntry = (entry: unknown): entry is [string, unknown] => Array.isArray(entry);

/** `wire` with the files of its form taken apart. */
export function takeFilesApart(wire: WireRequest): WireRequest {
  if (!Array.isArray(wire.body)) return wire;
  const body = wire.body.map(([name, value]) => {
    if (typeof value === 'string') return [name, value];
    const { name: fileName, type, lastModified } = value;
    return [name, { file: value, name: fileName, type, lastModified } satisfies Parts];
  });
  return { ...wire, body: body as typeof wire.body };
}

/** Puts the files of `wire` together again, in its place. The host reads it after that. */
export function putFilesTogether(wire: unknown): void {
  const { body } = Object(wire) as { body?: unknown };
  if (!Array.isArray(body)) return;
  for (const entry of body.filter(isEntry)) {
    const { file, name, ...options } = Object(entry[1]) as Partial<Parts>;
    if (file instanceof Blob && name !== undefined) entry[1] = new File([file], name, options);
  }
}
