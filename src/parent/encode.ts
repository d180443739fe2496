/** What is emitted, as it goes to the frame: taken down at `emit`, as the original does. */

/**
 * `data` as JSON with its binary set aside. Views are cut to what they show; buffers and blobs are the caller's own,
 * so whoever calls has them cloned before anything else runs.
 */
export function encode(data: unknown): { text: string; binary: unknown[] } {
  const binary: unknown[] = [];
  const text = JSON.stringify(data, (_key, value) => {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice().buffer
      : value;
    return bytes instanceof ArrayBuffer || bytes instanceof Blob
      ? { _placeholder: true, num: binary.push(bytes) - 1 }
      : value;
  });
  return { text, binary };
}
