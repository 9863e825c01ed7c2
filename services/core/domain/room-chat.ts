/** Something that was said in a room. */
export interface ChatMessage {
  readonly from: { readonly id: string; readonly name: string };
  readonly text: string;
  /** When, and which one: no two of a room have the same. */
  readonly tsMs: number;
}

interface Kept {
  readonly message: ChatMessage;
  /** Who said it, under whatever member id; null where that is not known. */
  readonly owner: string | null;
}

/** More than this nobody reads again, and a room must not grow for ever. */
const maxKept = 200;

/** The latest that was said in a room, for who looks after it: newcomers are not told. */
export class RoomChat {
  #kept: Kept[] = [];
  #lastMs = 0;

  /** The oldest first. */
  get messages(): ChatMessage[] {
    return this.#kept.map(({ message }) => message);
  }

  add(said: Omit<ChatMessage, 'tsMs'>, owner: string | null, nowMs: number): ChatMessage {
    this.#lastMs = Math.max(nowMs, this.#lastMs + 1);
    const message = { ...said, tsMs: this.#lastMs };
    this.#kept = [...this.#kept, { message, owner }].slice(-maxKept);
    return message;
  }

  /** Who said it; null where it is not there any more. */
  authorOf(tsMs: number): { id: string; owner: string | null } | null {
    const kept = this.#kept.find(({ message }) => message.tsMs === tsMs);
    return kept ? { id: kept.message.from.id, owner: kept.owner } : null;
  }

  /** @returns whether it was there */
  remove(tsMs: number): boolean {
    const before = this.#kept.length;
    this.#kept = this.#kept.filter(({ message }) => message.tsMs !== tsMs);
    return this.#kept.length < before;
  }

  /** @returns what is gone of an author's messages */
  removeOf(author: { id: string; owner: string | null }): ChatMessage[] {
    const isTheirs = ({ message, owner }: Kept): boolean =>
      message.from.id === author.id || (owner !== null && owner === author.owner);
    const gone = this.#kept.filter(isTheirs);
    this.#kept = this.#kept.filter((kept) => !isTheirs(kept));
    return gone.map(({ message }) => message);
  }
}
