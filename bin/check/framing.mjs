/** Whether the frame's headers let a page embed it: `X-Frame-Options` and `frame-ancestors`. */
import { refusedBy } from './csp.mjs';
import { quote } from './report.mjs';

/**
 * What a browser makes of `X-Frame-Options`.
 *
 * @see https://html.spec.whatwg.org/multipage/document-lifecycle.html#the-x-frame-options-header
 */
function keepsOut(value, page, frame) {
  const words = new Set(value.split(',').map((word) => word.trim().toLowerCase()));
  const known = ['deny', 'sameorigin', 'allowall'].filter((word) => words.has(word));
  // Values that contradict each other keep everybody out, if one of them means something.
  if (words.size > 1) return known.length > 0;
  if (words.has('deny')) return true;
  return words.has('sameorigin') && page.origin !== frame.origin;
}

/**
 * @param {import('./load.mjs').Loaded} loaded of frame.html
 * @param {import('./csp.mjs').Policy[]} policies of its headers
 * @param {{ page: URL, report: import('./report.mjs').Report }} context
 */
export function checkFraming({ answer, url }, policies, { page, report }) {
  const options = answer.header('x-frame-options');
  const hasAncestors = policies.some((policy) => policy.has('frame-ancestors'));
  const remedy = `Content-Security-Policy: frame-ancestors ${page.origin}`;
  if (hasAncestors) {
    const refusal = refusedBy(policies, 'frame-ancestors', new URL(page.origin), url);
    if (refusal)
      report.add(
        'frame-ancestors',
        `The Content-Security-Policy of ${url.href} has "${quote(refusal)}", so ${page.origin} can't embed it. Add ${page.origin} to frame-ancestors.`,
      );
    if (options !== undefined)
      report.add(
        'x-frame-options-unused',
        `${url.href} has both X-Frame-Options: ${quote(options)} and frame-ancestors; browsers heed frame-ancestors. Remove X-Frame-Options.`,
      );
    return;
  }
  if (options !== undefined && keepsOut(options, page, url))
    report.add(
      'x-frame-options',
      `X-Frame-Options: ${quote(options)} keeps ${url.href} out of ${page.origin}. Remove the header, and send ${remedy}.`,
    );
  else
    report.add(
      'frame-ancestors-missing',
      `Any page may embed ${url.href}; the gate refuses it only then. Send ${remedy} as a second fence.`,
    );
}
