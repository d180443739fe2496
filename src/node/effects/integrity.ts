/**
 * `integrity` of a request whose redirects are followed here: Node would compare the first answer,
 * which is the redirect's own.
 *
 * @see https://www.w3.org/TR/SRI/#does-response-match-metadatalist
 */

/** The strongest first. */
const ALGORITHMS = ['sha512', 'sha384', 'sha256'];

/** The hashes of the strongest algorithm in `integrity`, without padding, if it is known. */
function readHashes(integrity: string): { algorithm: string; hashes: string[] } | undefined {
  const listed = integrity.split(/\s+/).map((entry) => /^(sha\d+)-([\w+/-]+)/i.exec(entry) ?? []);
  for (const algorithm of ALGORITHMS) {
    const hashes = listed
      .filter(([, name]) => name?.toLowerCase() === algorithm)
      .map(([, , hash = '']) => hash.replaceAll('-', '+').replaceAll('_', '/'));
    if (hashes.length) return { algorithm, hashes };
  }
  return undefined;
}

/** Rejects with a TypeError where the body of `response` is not what `integrity` says. */
export async function checkIntegrity(response: Response, integrity: string): Promise<void> {
  const asked = readHashes(integrity);
  if (!asked) return;
  const { algorithm, hashes } = asked;
  const body = await response.clone().arrayBuffer();
  const digest = await crypto.subtle.digest(algorithm.replace('sha', 'SHA-'), body);
  const actual = btoa(String.fromCharCode(...new Uint8Array(digest))).replace(/=+$/, '');
  if (!hashes.includes(actual)) throw new TypeError('Failed to fetch: integrity mismatch');
}
