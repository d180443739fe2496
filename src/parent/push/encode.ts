/** What is emitted, as it goes to the frame: taken down at `emit`, as the original does. */
import { ownBuffer } from '../../ajax/body.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';

/** `data` as JSON with its binary set aside, copied; of views only what they show. */
export function encode(data: unknown): { text: string; binary: unknown[] } {
  const binary: unknown[] = [];
  const text = JSON.stringify(data, function (this: Record<string, never>, key, value) {
    // Not `value`, what its toJSON gives: Node's Buffer has one.
    let bytes: ArrayBuffer = this[key] as never;
    if (ArrayBuffer.isView(bytes)) bytes = ownBuffer(bytes);
    else if (isPlatformObject(bytes, 'ArrayBuffer')) bytes = bytes.slice();
    else if (!isPlatformObject(bytes, 'Blob', 'File')) return value;
    return { _placeholder: true, num: binary.push(bytes) - 1 };
  });
  return { text, binary };
}
