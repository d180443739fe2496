/**
 * The SHA-256 of `text`, in hexadecimal. Rejects where there is no `crypto.subtle`, as on plain
 * http.
 */
export async function digestOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
