import { join } from 'node:path';
import { allowCors, sendText, setAskedHeaders } from './http-server.mjs';
import { dist, fixtures, sendFile } from './static-files.mjs';

const pages = join(fixtures, 'pages');

/**
 * `/pages/*` (test/fixtures/pages) and `/hadoken/*` (dist), for pages the runner must not touch: it injects
 * its script into all the HTML it serves. Returns false for any other path.
 */
export function servePages(request, response, url, origins) {
  const [, first, ...rest] = url.pathname.split('/');
  const folder = { pages, hadoken: dist }[first];
  if (!folder) return false;
  setAskedHeaders(response, url);
  if (!allowCors(request, response)) sendFile(response, [[folder, rest.join('/')]], origins);
  return true;
}

/** The handler of an origin that serves pages and nothing else. */
export const pagesOnly = (origins) => (request, response, url) => {
  if (!servePages(request, response, url, origins)) sendText(response, 404, 'Not found');
};
