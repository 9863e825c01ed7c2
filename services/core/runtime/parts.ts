import type { Closable } from './daemon.ts';

/** Parts that are closed together, the newest first, each although another could not be. */
export class Parts implements Closable {
  readonly #parts: Closable[] = [];

  /** @returns the part, so that it can be owned where it is made */
  own<Part extends Closable>(part: Part): Part {
    this.#parts.push(part);
    return part;
  }

  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const part of this.#parts.splice(0).reverse()) {
      try {
        await part.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} parts did not close cleanly`);
  }
}
