/**
 * Typed events, as `@socket.io/component-emitter` has them. The types are our own, so that a
 * project that uses Hadoken needs neither that package nor socket.io-client: a strict package
 * manager (pnpm) would not let it resolve them.
 *
 * @see https://socket.io/docs/v4/typescript/
 */

/**
 * The names of events, and for each the function that listens to it. Write yours as an interface.
 */
export interface EventsMap {
  // biome-ignore lint/suspicious/noExplicitAny: a plain interface must be one as well
  [event: string]: any;
}

/** The map of who names no events: every name may be used, with whatever arguments. */
export interface DefaultEventsMap {
  // biome-ignore lint/suspicious/noExplicitAny: nothing is known of the arguments
  [event: string]: (...args: any[]) => void;
}

/** The events that `Map` names. */
export type EventNames<Map extends EventsMap> = keyof Map & (string | symbol);

/** The arguments of an event. */
export type EventParams<Map extends EventsMap, Name extends EventNames<Map>> = Parameters<
  Map[Name]
>;

/**
 * The listener of an event: a reserved one before the user's own. Where a map is a type parameter
 * that is not known yet, it comes out as `never`, and then any function will do.
 *
 * @see https://github.com/socketio/socket.io/issues/3833
 */
export type EventListenerOf<
  Reserved extends EventsMap,
  Own extends EventsMap,
  Name extends EventNames<Reserved> | EventNames<Own>,
> = ListenerOrAny<
  Name extends EventNames<Reserved>
    ? Reserved[Name]
    : Name extends EventNames<Own>
      ? Own[Name]
      : never
>;

// biome-ignore lint/suspicious/noExplicitAny: as DefaultEventsMap
type AnyListener = (...args: any[]) => void | Promise<void>;

type ListenerOrAny<T> = [T] extends [never] ? AnyListener : T;

/**
 * What emits: `Listen` has the events that can be listened to, beside the `Reserved`; `Emit` those
 * of `emit()`.
 */
export interface TypedEmitter<
  Listen extends EventsMap,
  Emit extends EventsMap,
  Reserved extends EventsMap = Record<never, never>,
> {
  /** Calls `listener` at every `event`. */
  on<Name extends EventNames<Reserved> | EventNames<Listen>>(
    event: Name,
    listener: EventListenerOf<Reserved, Listen, Name>,
  ): this;
  /** Calls `listener` at the next `event` only. */
  once<Name extends EventNames<Reserved> | EventNames<Listen>>(
    event: Name,
    listener: EventListenerOf<Reserved, Listen, Name>,
  ): this;
  /** Takes one `listener` away; without it all of the event's; without an event all there are. */
  off<Name extends EventNames<Reserved> | EventNames<Listen>>(
    event?: Name,
    listener?: EventListenerOf<Reserved, Listen, Name>,
  ): this;
  /** The same as `off()`. */
  removeListener<Name extends EventNames<Reserved> | EventNames<Listen>>(
    event?: Name,
    listener?: EventListenerOf<Reserved, Listen, Name>,
  ): this;
  /** Takes all listeners of the event away; without an event all there are. */
  removeAllListeners<Name extends EventNames<Reserved> | EventNames<Listen>>(event?: Name): this;
  /** Emits an event. */
  emit<Name extends EventNames<Emit>>(event: Name, ...args: EventParams<Emit, Name>): this;
  /**
   * The listeners of an event. Those of a reserved one are not told by their arguments, because the
   * reasons of socket.io-client are fewer: else a Socket of its would be none of ours.
   */
  listeners<Name extends EventNames<Reserved> | EventNames<Listen>>(
    event: Name,
  ): EventListenerOf<Record<EventNames<Reserved>, AnyListener>, Listen, Name>[];
  /** Whether the event has a listener. */
  hasListeners<Name extends EventNames<Reserved> | EventNames<Listen>>(event: Name): boolean;
}
