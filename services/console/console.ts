import type { Conversation } from './conversation.ts';
import type { SerialLine, SerialListener } from './serial/serial-line.ts';

/** What a host may send before we have found our words. */
const maxEarlyBytes = 64 * 1024;

interface Deps {
  line: SerialLine;
  open: () => Promise<Conversation>;
  onFailure: (error: unknown) => void;
}

/** The box's end of a serial line: one conversation for each time that a host comes. */
export class Console implements SerialListener {
  readonly #deps: Deps;
  #conversation: Conversation | null = null;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  /** Told apart from the host before. */
  #round = 0;

  /** @param deps.open makes a conversation; its code is loaded only when a host is there */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    await this.#deps.line.start(this);
  }

  attached(): void {
    this.detached();
    const round = this.#round;
    this.#deps.open().then((conversation) => {
      if (round !== this.#round) return;
      this.#conversation = conversation;
      conversation.start();
      for (const bytes of this.#takeEarly()) conversation.received(bytes);
    }, this.#deps.onFailure);
  }

  received(bytes: Uint8Array): void {
    if (this.#conversation) {
      this.#conversation.received(bytes);
      return;
    }
    if (this.#earlyBytes + bytes.length > maxEarlyBytes) return;
    this.#early.push(Uint8Array.from(bytes));
    this.#earlyBytes += bytes.length;
  }

  detached(): void {
    this.#round += 1;
    this.#takeEarly();
    this.#conversation?.close();
    this.#conversation = null;
  }

  async close(): Promise<void> {
    this.detached();
    await this.#deps.line.close();
  }

  #takeEarly(): Uint8Array[] {
    this.#earlyBytes = 0;
    return this.#early.splice(0);
  }
}
