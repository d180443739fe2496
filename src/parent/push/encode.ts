/** What is emitted, as it goes to the frame: taken down at `emit`, as the original does. */
import { ownBuffer } from '../../ajax/body.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';

/** A copy of what is binary, or the Blob itself; undefined for what is not. */
function toBinary(value: unknown): ArrayBuffer | Blob | undefined {
  if (ArrayBuffer.isView(value)) return ownBuffer(value);
  if (isPlatformObject(value, 'ArrayBuffer')) return value.slice();
  return isPlatformObject(value, 'Blob', 'File') ? value : undefined;
}

/** `data` as JSON with its binary set aside, copied; of views only what they show. */
export function encode(data: unknown): { text: string; binary: unknown[] } {
  const binary: unknown[] = [];
  const text = JSON.stringify(data, function (this: Record<string, unknown>, key, value) {
    // Before its toJSON, which Node's Buffer has, or as that gives it.
    const bytes = toBinary(this[key]) ?? toBinary(value);
    return bytes ? { _placeholder: true, num: binary.push(bytes) - 1 } : value;
  });
  return { text, binary };
}
