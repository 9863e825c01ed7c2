import type { Clock } from '#core/domain/clock.ts';

/** What a host that does not read may cost. */
const maxPendingBytes = 1024 * 1024;
/** A host that leaves this much unread is not listened to before it has read some. */
const muchBytes = 64 * 1024;
const maxChunkBytes = 4 * 1024;
/** A host that has taken nothing for this long reads no more: the next one wants none of it. */
const staleAfterMs = 5_000;

interface Deps {
  clock: Clock;
  send: (chunk: Uint8Array, done: () => void) => void;
  onMuch: (isMuch: boolean) => void;
}

/** What waits to be written to a line: in order, one chunk at a time, bounded. */
export class Outbox {
  readonly #deps: Deps;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #sendingBytes = 0;
  /** Told apart from a chunk that was under way when the outbox was cleared. */
  #round = 0;
  #cancelStale: () => void = () => {};
  #isMuch = false;

  /**
   * @param deps.send writes one chunk and calls `done` once the system has taken it
   * @param deps.onMuch told when so much waits that the host should not be listened to, and when no more
   */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get pendingBytes(): number {
    return this.#waitingBytes + this.#sendingBytes;
  }

  /** False where there is no room: then all of it is dropped. */
  put(bytes: Uint8Array): boolean {
    if (this.pendingBytes + bytes.length > maxPendingBytes) return false;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#next();
    this.#weigh();
    return true;
  }

  /** Forgets all, also the chunk under way. */
  clear(): void {
    this.#round += 1;
    this.#sendingBytes = 0;
    this.#drop();
  }

  #drop(): void {
    this.#cancelStale();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#weigh();
  }

  #weigh(): void {
    const isMuch = this.pendingBytes > muchBytes;
    if (isMuch === this.#isMuch) return;
    this.#isMuch = isMuch;
    this.#deps.onMuch(isMuch);
  }

  #next(): void {
    if (this.#sendingBytes > 0 || this.#waitingBytes === 0) return;
    const all = Buffer.concat(this.#waiting);
    const chunk = all.subarray(0, maxChunkBytes);
    const rest = all.subarray(maxChunkBytes);
    this.#waiting = rest.length > 0 ? [rest] : [];
    this.#waitingBytes = rest.length;
    this.#sendingBytes = chunk.length;
    const round = this.#round;
    this.#cancelStale = this.#deps.clock.after(staleAfterMs, () => this.#drop());
    this.#deps.send(chunk, () => {
      if (round !== this.#round) return;
      this.#cancelStale();
      this.#sendingBytes = 0;
      this.#next();
      this.#weigh();
    });
  }
}
