/** The page keeps the keyboard. */
import { fromDocument } from './page-document.ts';

/**
 * How often the page looks while another window or frame has its focus, in ms: no event says where
 * it goes from there.
 */
const PERIOD = 200;

/**
 * Calls `onTaken` when the frame in `host` has taken the page's focus, and gives it back to the
 * element that had it. `onTaken` has to remove the frame: it is none of ours any more.
 *
 * Needed in Chromium (156), whose `window.focus()` works in a frame that is not rendered: what the
 * user types would go there. Firefox and WebKit refuse. No attribute stops it until
 * `focus-without-user-activation` has shipped.
 * @see https://chromestatus.com/feature/5179186249465856
 */
export function keepFocus(host: HTMLElement, signal: AbortSignal, onTaken: () => void): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  let left: HTMLElement | undefined;
  const stop = (): void => clearInterval(timer);
  const check = (): void => {
    if (fromDocument('activeElement') !== host) return;
    onTaken();
    (left ?? window).focus();
  };
  const watch = (): void => {
    stop();
    timer = setInterval(check, PERIOD);
  };

  const onBlur = (event: FocusEvent): void => {
    const [target] = event.composedPath();
    if (target === window) {
      watch();
      check();
    } else {
      // The element's own event comes just before the window's.
      left = target as HTMLElement;
      setTimeout(() => {
        left = undefined;
      });
    }
  };
  addEventListener('blur', onBlur, { capture: true, signal });
  addEventListener('focus', stop, { signal });
  signal.addEventListener('abort', stop);
  if (!fromDocument('hasFocus').call(document)) watch();
}
