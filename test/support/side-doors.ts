/** What test/boundary/side-doors.test.ts reads with: every message that crosses, and every text in whatever it is given. */

export type Recorder = { readonly messages: unknown[]; stop(): void };

/** Keeps the data of every message that this page gets from now on, over any port or window, before anybody reads it. */
export function recordMessages(): Recorder {
  const messages: unknown[] = [];
  const keep = ({ data }: MessageEvent): void => void messages.push(data);
  const { prototype } = MessagePort;
  const onmessage = Object.getOwnPropertyDescriptor(prototype, 'onmessage') as PropertyDescriptor;
  Object.defineProperty(prototype, 'onmessage', {
    ...onmessage,
    set(this: MessagePort, listener: unknown) {
      // Once, and so before the page's own listener, however often that is replaced.
      this.addEventListener('message', keep);
      onmessage.set?.call(this, listener);
    },
  });
  addEventListener('message', keep);
  return {
    messages,
    stop() {
      Object.defineProperty(prototype, 'onmessage', onmessage);
      removeEventListener('message', keep);
    },
  };
}

/** Objects of the page itself, behind which its own world lies and nothing of the frame's. */
const isOwnWorld = (value: object): boolean => value === globalThis || value instanceof Node;

/** Getters of an object's prototypes, such as a Response's `url`. */
function* getterNames(value: object): Iterable<string> {
  for (
    let at = Object.getPrototypeOf(value);
    at && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  )
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (get) yield name;
}

function read(value: object, name: PropertyKey): unknown {
  try {
    return Reflect.get(value, name);
  } catch (error) {
    return error;
  }
}

/** Every text in `value`: keys, values, bytes, members of errors, whatever getters give, however deep. */
export function* textsIn(value: unknown, seen = new Set<unknown>()): Iterable<string> {
  if (typeof value === 'string') yield value;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
  if (seen.has(value)) return;
  seen.add(value);
  if (isOwnWorld(value)) return;
  if (value instanceof ArrayBuffer) return yield new TextDecoder().decode(value);
  if (ArrayBuffer.isView(value)) return yield new TextDecoder().decode(value);
  if (value instanceof Map || value instanceof Set || value instanceof Headers)
    yield* textsIn([...(value as Iterable<unknown>)], seen);
  for (const key of Reflect.ownKeys(value)) {
    yield String(key);
    yield* textsIn(read(value, key), seen);
  }
  for (const name of getterNames(value)) yield* textsIn(read(value, name), seen);
}
