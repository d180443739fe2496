/**
 * Bodies on their way through a port. Node 20 clones a File as a Blob, which has no name. Where a
 * test environment (jsdom, happy-dom) has put classes of its own in the place of Node's, a port
 * does not take theirs.
 */
import { fromWireBody } from '../ajax/request.ts';
import type { WireRequest } from '../rpc/wire/fetch.ts';
import { builtin } from './builtin.ts';

type Parts = { file: Blob; name: string; type: string; lastModified: number };

const isEntry = (entry: unknown): entry is [string, unknown] => Array.isArray(entry);

const { Blob: OwnBlob = Blob } = builtin('node:buffer') ?? {};

/** `wire` with a body of bytes: those that the environment's own Request writes. */
async function writeOut(wire: WireRequest): Promise<WireRequest> {
  const { url, headers } = wire;
  const written = new Request(url, { method: 'POST', headers, body: fromWireBody(wire.body) });
  const body = await written.arrayBuffer();
  return { ...wire, headers: [...written.headers], body };
}

/** `wire` in a form that a port takes. */
export function toPortable(wire: WireRequest): WireRequest | Promise<WireRequest> {
  const { body } = wire;
  const isForm = Array.isArray(body);
  const isReplaced = globalThis.Blob !== OwnBlob;
  if (isReplaced && (isForm || (Object(body).size && !(body instanceof OwnBlob))))
    return writeOut(wire);
  if (!isForm) return wire;
  const entries = body.map(([name, value]) => {
    if (typeof value === 'string') return [name, value];
    const { name: fileName, type, lastModified } = value;
    return [name, { file: value, name: fileName, type, lastModified } satisfies Parts];
  });
  return { ...wire, body: entries as typeof body };
}

/** Puts the files of `wire` together again, in its place. The host reads it after that. */
export function putFilesTogether(wire: unknown): void {
  const { body } = Object(wire) as { body?: unknown };
  if (!Array.isArray(body)) return;
  for (const entry of body.filter(isEntry)) {
    const { file, name, ...options } = Object(entry[1]) as Partial<Parts>;
    if (file instanceof OwnBlob && name !== undefined) entry[1] = new File([file], name, options);
  }
}
