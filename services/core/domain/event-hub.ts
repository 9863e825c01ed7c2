type Listener = (event: never) => void;
/** Names of events that carry nothing. */
type Plain<Events> = { [Name in keyof Events]: Events[Name] extends undefined ? Name : never }[keyof Events];

/**
 * A typed list of who wants to hear of what, in a field called `events` of what tells. Our own, since node's emitter may
 * not be used in the domain (the web page shares these modules), takes any text as the name of an event in generic
 * classes, and leaves ending a subscription to who kept its function.
 */
export class EventHub<Events extends Record<string, unknown>> {
  /** By what `on` gave back, since one function may listen twice. */
  readonly #listeners = new Map<keyof Events, Map<symbol, Listener>>();
  #closed = false;

  /** Calls `listener` at each event of that name; the returned function ends it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    if (this.#closed) return () => {};
    const listeners = this.#listeners.get(name) ?? new Map<symbol, Listener>();
    this.#listeners.set(name, listeners);
    const subscription = Symbol();
    listeners.set(subscription, listener);
    return () => void listeners.delete(subscription);
  }

  /**
   * Tells everybody who listens now; who is removed meanwhile hears no more, who comes meanwhile hears the next.
   * A listener that throws keeps nobody else from hearing: the first error is thrown once all were told.
   */
  emit<Name extends Plain<Events>>(name: Name): void;
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
  emit(name: keyof Events, event?: unknown): void {
    const listeners = this.#listeners.get(name);
    if (!listeners) return;
    const failures: unknown[] = [];
    for (const [subscription, listener] of [...listeners]) {
      if (!listeners.has(subscription)) continue;
      try {
        (listener as (event: unknown) => void)(event);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Nobody hears anything from now on. */
  close(): void {
    this.#closed = true;
    for (const listeners of this.#listeners.values()) listeners.clear();
    this.#listeners.clear();
  }
}
