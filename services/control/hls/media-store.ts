import type { ServerResponse } from 'node:http';

/** Something a player fetches by name: an init section, a part, a segment. */
export interface MediaResource {
  name: string;
  /** Sent one after the other; a segment shares its bytes with its parts. */
  chunks: readonly Uint8Array[];
  byteLength: number;
  /** Answers that are still being sent. */
  readers: Set<ServerResponse>;
}

/** What can be fetched now. */
export class MediaStore {
  readonly #resources = new Map<string, MediaResource>();

  put(name: string, chunks: readonly Uint8Array[]): void {
    const byteLength = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#resources.set(name, { name, chunks, byteLength, readers: new Set() });
  }

  get(name: string): MediaResource | undefined {
    return this.#resources.get(name);
  }

  /** Forgets it, and cuts off who is still reading: slow clients must not keep old media in memory. */
  delete(name: string): void {
    const resource = this.#resources.get(name);
    if (!resource) return;
    this.#resources.delete(name);
    for (const response of resource.readers) response.destroy();
  }
}
