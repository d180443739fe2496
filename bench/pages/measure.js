/** What the pages of the suites share. */

/** An origin of the run, from this page's URL. */
export const origin = (name) => new URLSearchParams(location.search).get(name);

/** A classic script, run. */
export function loadScript(src, attributes = {}) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), { src });
    for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${src} did not load`));
    document.head.append(script);
  });
}

/** A hidden iframe, as Hadoken makes it. */
export function addFrame(src) {
  const frame = Object.assign(document.createElement('iframe'), { src });
  frame.style.cssText = 'position:absolute;width:0;height:0;border:0';
  document.documentElement.append(frame);
  return frame;
}

/** `addFrame`, loaded. */
export function loadFrame(src) {
  const frame = addFrame(src);
  return new Promise((resolve) => {
    frame.onload = () => resolve(frame);
  });
}

/** Calls over `port` with as little as a call can be, a number to find the caller by: `{ id, value }` there and back. */
export function callBy(port) {
  const waiting = new Map();
  let calls = 0;
  port.onmessage = ({ data }) => {
    waiting.get(data.id)(data.value);
    waiting.delete(data.id);
  };
  return (value) =>
    new Promise((resolve) => {
      const id = ++calls;
      waiting.set(id, resolve);
      port.postMessage({ id, value });
    });
}

/** ms for one `work()`, of `count` one after another. */
export async function oneAtATime(count, work) {
  const start = performance.now();
  for (let i = 0; i < count; i++) await work();
  return (performance.now() - start) / count;
}

/** ms for all of `count` calls of `work`, `width` of them under way at any time. */
export async function inFlight(count, width, work) {
  let left = count;
  const start = performance.now();
  const lane = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: width }, lane));
  return performance.now() - start;
}
