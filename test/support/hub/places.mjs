/**
 * Where code runs, in one process: a place (a tab, a hub) can be stopped, and can sleep. What runs in it is known by
 * async_hooks; the messages that come to its ports wait while it sleeps, and are lost once it is dead.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

class Place {
  isDead = false;
  isAsleep = false;
  /** Messages that came while it slept. */
  waiting = [];
  ports = /* @__PURE__ */ new Set();
  run(work) {
    return where.run(this, work);
  }
  kill() {
    this.isDead = true;
    for (const port of this.ports) port.close();
    this.ports.clear();
  }
  wake() {
    this.isAsleep = false;
    for (const deliver of this.waiting.splice(0)) deliver();
  }
}
const where = new AsyncLocalStorage();
const here = () => where.getStore();
let activity = 0;
let pending = 0;
const onmessage = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
Object.defineProperty(MessagePort.prototype, 'onmessage', {
  configurable: true,
  get: onmessage.get,
  set(handler) {
    const place = here();
    place?.ports.add(this);
    const handle = (event) => {
      activity += 1;
      if (!place) return handler?.(event);
      const deliver = () => {
        if (!place.isDead) place.run(() => handler?.(event));
      };
      if (place.isAsleep) place.waiting.push(deliver);
      else deliver();
    };
    onmessage.set.call(this, handler && handle);
    // A port that is forgotten does not keep the process.
    this.unref();
  },
});
const { postMessage } = MessagePort.prototype;
MessagePort.prototype.postMessage = function post(...args) {
  activity += 1;
  if (!here()?.isDead) postMessage.apply(this, args);
};
for (const method of ['digest', 'encrypt', 'decrypt', 'importKey']) {
  const original = SubtleCrypto.prototype[method];
  SubtleCrypto.prototype[method] = async function counted(...args) {
    pending += 1;
    try {
      return await original.apply(this, args);
    } finally {
      pending -= 1;
      activity += 1;
    }
  };
}
async function settle() {
  for (let quiet = 0; quiet < 4; ) {
    const before = activity;
    await new Promise((resolve) => setImmediate(resolve));
    quiet = activity === before && pending === 0 ? quiet + 1 : 0;
  }
}
class TestClock {
  now = 0;
  #timers = /* @__PURE__ */ new Set();
  setTimeout = (run, ms) => {
    const timer = { at: this.now + ms, run, place: here() };
    this.#timers.add(timer);
    return timer;
  };
  clearTimeout = (timer) => void this.#timers.delete(timer);
  /** How many timers there are of places that live. */
  get size() {
    return [...this.#timers].filter(({ place }) => !place?.isDead).length;
  }
  /** Lets `ms` pass; what is on its way arrives in between. */
  async pass(ms) {
    const end = this.now + ms;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter(({ at, place }) => at <= end && !place?.isAsleep);
      const [next] = due.sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.at);
      if (next.place?.isDead) continue;
      if (next.place) next.place.run(next.run);
      else next.run();
    }
    this.now = end;
    await settle();
  }
}

export { here, Place, settle, TestClock };
