/** One request, as a browser would send it, and all that came back. Redirects are not followed. */
import http from 'node:http';
import https from 'node:https';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { CONNECTING } from './lookup.mjs';

/** In bytes: no file of ours is nearly as large. */
const LARGEST_BODY = 16_000_000;

/**
 * @typedef {object} Answer
 * @property {URL} url
 * @property {number} status
 * @property {(name: string) => string | undefined} header the values of all headers of that name, with commas between
 * @property {string} text the body, decoded; empty where it can't be
 * @property {number} sent how long the body was as it was sent, in bytes
 * @property {string} [broken] why the body can't be decoded
 */

const decoders = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

function decode(body, encodings) {
  // The last one that was applied comes off first.
  for (const name of encodings.reverse()) {
    const decoder = decoders[name];
    if (!decoder) throw new Error(`${name} was not asked for`);
    body = decoder(body);
  }
  return body;
}

/** @returns {Answer} */
function toAnswer(url, response, body) {
  const header = (name) => response.headersDistinct[name]?.join(', ');
  const encodings = (header('content-encoding') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name && name !== 'identity');
  const answer = { url, status: response.statusCode, header, text: '', sent: body.length };
  try {
    return { ...answer, text: decode(body, encodings).toString('utf8') };
  } catch (error) {
    return { ...answer, broken: error.message };
  }
}

/**
 * Rejects with what the network says, and with a `TimeoutError` after `timeout` ms for all of it.
 *
 * @param {URL} url
 * @param {{ timeout: number, headers?: Record<string, string>, method?: string, body?: string }} options
 * @returns {Promise<Answer>}
 */
export function ask(url, { timeout, headers = {}, method = 'GET', body }) {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const sent = request(
      url,
      {
        method,
        agent: false,
        ...CONNECTING,
        signal: AbortSignal.timeout(timeout),
        headers: {
          'User-Agent': 'hadoken-check',
          Accept: '*/*',
          'Accept-Encoding': 'gzip, deflate, br',
          'Accept-Language': 'en',
          ...headers,
        },
      },
      (response) => {
        const chunks = [];
        let length = 0;
        response.on('data', (chunk) => {
          length += chunk.length;
          if (length > LARGEST_BODY) sent.destroy(new Error(`more than ${LARGEST_BODY} bytes`));
          chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => resolve(toAnswer(url, response, Buffer.concat(chunks))));
      },
    );
    sent.on('error', (error) =>
      reject(error.name === 'AbortError' ? (error.cause ?? error) : error),
    );
    sent.end(body);
  });
}
