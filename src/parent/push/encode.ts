/** What is emitted, as it goes to the frame: taken down at `emit`, as the original does. */
import { ownBuffer } from '../../ajax/body.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';

/** `data` as JSON with its binary set aside, copied; of views only what they show. */
export function encode(data: unknown): { text: string; binary: unknown[] } {
  const binary: unknown[] = [];
  const text = JSON.stringify(data, (_key, value) => {
    let bytes = value;
    if (ArrayBuffer.isView(value)) bytes = ownBuffer(value);
    else if (isPlatformObject(value, 'ArrayBuffer')) bytes = value.slice();
    else if (!isPlatformObject(value, 'Blob', 'File')) return value;
    return { _placeholder: true, num: binary.push(bytes) - 1 };
  });
  return { text, binary };
}
