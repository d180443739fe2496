/** A page of the origin: whether its own headers keep the script or the frame out. */
import { goesByNonce, parsePolicies, refusedBy, sandboxLacks, scriptRefusedBy } from './csp.mjs';
import { essenceOf, isIsolating } from './headers.mjs';
import { metaPolicies } from './html.mjs';
import { load } from './load.mjs';
import { quote } from './report.mjs';
import { corpFor, isLetByCorp } from './site.mjs';

/**
 * @param {object} context see deployment.mjs
 * @returns {Promise<boolean>} whether the page has COEP, as far as that is known
 */
export async function checkPage(context) {
  const { pageUrl, page, frame, isModule, timeout, report } = context;
  const stopAt = (next) => next.origin !== page.origin;
  const { answer, failure, url } = await load(pageUrl, {
    from: pageUrl,
    destination: 'document',
    timeout,
    stopAt,
  });
  if (answer?.status !== 200 || essenceOf(answer.header('content-type')) !== 'text/html') {
    const why =
      failure?.[1] ??
      `${url.href} answered ${answer.status}, ${quote(answer.header('content-type') ?? 'without a type')}.`;
    report.add(
      'page-unknown',
      `No page of ${page.origin} could be read, so its Content-Security-Policy and COEP are not known. ${why} Name one with --page.`,
    );
    return false;
  }
  const header = parsePolicies(answer.header('content-security-policy'));
  const policies = [...header, ...metaPolicies(answer.text)];
  const blocked = refusedBy(policies, 'frame-src', frame, url);
  if (blocked)
    report.add(
      'page-csp-frame',
      `The Content-Security-Policy of ${url.href} has "${quote(blocked)}", which keeps the frame out. Add ${frame.href} to frame-src.`,
    );
  const script = new URL('hadoken.js', frame);
  // Which nonce or hash the script's tag has is not to be seen here.
  const isAsked = !isModule && !goesByNonce(policies);
  // A page may load the drop-in alone, which has the other in it.
  const dropIn = new URL('hadoken.drop-in.js', frame);
  const refusal =
    isAsked && scriptRefusedBy(policies, dropIn, url) && scriptRefusedBy(policies, script, url);
  if (refusal)
    report.add(
      'page-csp-script',
      `The Content-Security-Policy of ${url.href} has "${quote(refusal)}", which blocks the script. Add ${script.href} to script-src; if your pages import the module, say --module.`,
    );
  const lacking = sandboxLacks(header, ['allow-scripts', 'allow-same-origin']);
  if (lacking?.length)
    report.add(
      'page-csp-sandbox',
      `The Content-Security-Policy of ${url.href} has "sandbox" without ${lacking.join(' and ')}, so its origin is null or it has no scripts. Remove it, or add ${lacking.join(' ')}.`,
    );
  return isIsolating(answer.header('cross-origin-embedder-policy'));
}

/**
 * What a page with COEP needs of the frame.
 *
 * @param {import('./frame-page.mjs').FramePage} framePage
 * @param {boolean} isPageIsolated
 * @param {object} context
 */
export function checkIsolation(framePage, isPageIsolated, { page, report }) {
  const { url, isIsolated, loaded } = framePage;
  const corp = loaded.answer.header('cross-origin-resource-policy');
  const isLet = page.origin === url.origin || (corp !== undefined && isLetByCorp(corp, page, url));
  const lacks = [
    ...(isIsolated ? [] : ['Cross-Origin-Embedder-Policy: require-corp']),
    ...(isLet ? [] : [corpFor(page, url)]),
  ].join(' and ');
  if (!lacks) return;
  if (isPageIsolated)
    report.add(
      'page-coep',
      `The page has Cross-Origin-Embedder-Policy, and ${url.href} does not suit it. Send it with ${lacks}.`,
    );
  else
    report.add(
      'frame-coep',
      `A page with Cross-Origin-Embedder-Policy could not embed ${url.href}. If you have one, send the frame with ${lacks}.`,
    );
}
