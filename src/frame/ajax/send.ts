/**
 * Sends a prepared request: by `fetch`, or, where the page wants progress of its upload, in a way
 * that can count it.
 */
import { isSafeMethod } from '../../ajax/request.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';
import type { Effects, OnProgress } from '../effects.ts';
import { FAILED, type Prepared } from './prepare.ts';
import { countBody, isUploadable } from './uploads/upload.ts';

/** `body`: as the page gave it. `onProgress`: set if the page wants progress. */
export type Sending = Prepared & { body: BodyInit | null; onProgress: OnProgress | undefined };

/**
 * Rejects with the reason of the request's signal, or else with a TypeError that says no more than
 * that it failed.
 */
export type Send = (sending: Sending) => Promise<Response>;

export function createSend(effects: Effects): Send {
  let hasWarned = false;
  const warn = (): void => {
    if (hasWarned) return;
    hasWarned = true;
    effects.log(
      'host.js (onRequest, retry() or the vault) changes uploads, so they are sent without ' +
        'progress: an XMLHttpRequest would carry its headers along redirects to other origins. ' +
        "Serve frame.js with Content-Security-Policy: connect-src 'self'.",
    );
  };

  const byWay = async ({ sent, change, body, onProgress }: Sending): Promise<Response> => {
    if (!onProgress || isSafeMethod(sent.method)) return effects.fetch(sent, body);
    const form = isPlatformObject(body, 'FormData') ? body : undefined;
    // Which body a hook's own Request has, can't be told of a form: WebKit reads none back.
    const isReadable = change !== 'replaced' || !form;
    const upload = isReadable && isUploadable(sent) ? effects.upload : undefined;
    // What the hook has put in must not follow a redirect to another origin. A page's own body may.
    if (upload && (change === 'none' || (await effects.isConfined?.())))
      return upload(sent, form, sent.signal, onProgress);
    if (effects.canStream?.() && !sent.keepalive)
      return effects.fetch(await countBody(sent, onProgress), body);
    if (upload) warn();
    return effects.fetch(sent, body);
  };

  return async (sending) => {
    try {
      return await byWay(sending);
    } catch (error) {
      if (sending.sent.signal.aborted) throw error;
      // Why is for who is trusted: Node's names hosts and ports.
      if (effects.isTrusted) throw error;
      throw new TypeError(FAILED);
    }
  };
}
