type Listener = (event: never) => void;

/**
 * A typed list of who wants to hear of what. The domain has its own, since node's may not be used here
 * (the web page shares these modules).
 */
export class EventHub<Events extends Record<string, unknown>> {
  /** By what `on` gave back, since one function may listen twice. */
  readonly #listeners = new Map<keyof Events, Map<symbol, Listener>>();

  /** Calls `listener` at each event of that name; the returned function ends it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
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
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (!listeners) return;
    const failures: unknown[] = [];
    for (const [subscription, listener] of [...listeners]) {
      if (!listeners.has(subscription)) continue;
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
