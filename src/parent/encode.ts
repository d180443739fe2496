/** What is emitted, as it goes to the frame: taken down at `emit`, as the original does. */

/** `data` as JSON with its binary set aside. Views are cut to their length; the caller's buffers stay whole and attached. */
export function encode(data: unknown): { text: string; binary: (ArrayBuffer | Blob)[] } {
  const binary: (ArrayBuffer | Blob)[] = [];
  const text = JSON.stringify(data, (_key, value) => {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice().buffer
      : value instanceof ArrayBuffer
        ? value.slice()
        : value instanceof Blob && value;
    return bytes ? { _placeholder: true, num: binary.push(bytes) - 1 } : value;
  });
  return { text, binary };
}
