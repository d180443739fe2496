/** The platform's events, also where a framework has taken the name Event for its own. */
import { fromDocument } from '../page-document.ts';

/** MooTools has an Event of its own, which makes something else. */
export function dispatch(target: EventTarget, type: string): void {
  const event = Reflect.apply(fromDocument('createEvent'), document, ['Event']);
  event.initEvent(type, false, false);
  target.dispatchEvent(event);
}

/** @see https://xhr.spec.whatwg.org/#concept-event-fire-progress */
export function dispatchProgress(target: EventTarget, type: string, loaded = 0, total = 0): void {
  const init = { lengthComputable: total !== 0, loaded, total };
  target.dispatchEvent(new ProgressEvent(type, init));
}
