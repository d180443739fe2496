/** The platform's, also where a framework has taken the name Event for its own, as MooTools has. */
export function createEvent(type: string): Event {
  return new (Object.getPrototypeOf(MessageEvent) as typeof Event)(type);
}
