import { after } from 'node:test';

const left = new Set();
after(() => Promise.all([...left].map((stop) => stop())));

/** `stop`, to be called once: by its test, or where that has failed, at the end of the file. */
export function stopAtEnd(stop) {
  let stopped;
  const once = () => {
    left.delete(once);
    stopped ??= stop();
    return stopped;
  };
  left.add(once);
  return once;
}
