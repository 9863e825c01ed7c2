import type { RoomPlayback } from '#core/domain/room.ts';
import type { Peer, ServerToClient } from '#core/protocol/streamsync.ts';

/** More than this nobody scrolls back to, and the page must not grow for ever. */
const maxLines = 200;

/** One line of the chat: somebody's words, or that somebody came or went. */
export interface Line {
  readonly id: number;
  readonly kind: 'said' | 'joined' | 'left';
  readonly from: Peer;
  readonly text: string;
  /** Milliseconds since the epoch, by the box's clock; null for what has no time. */
  readonly tsMs: number | null;
}

/** What a member knows of the room, from what StreamSync says (streamsync.md). */
export class RoomState {
  you: Peer | null = null;
  /** Who may say what is watched; null while nobody does or it isn't known. */
  authorityId: string | null = null;
  /** Who made the room, or in the box's own room whoever operates the box. */
  hostIds: readonly string[] = [];
  #playback: { state: RoomPlayback; fromUserId: string } | null = null;
  readonly #peers = new Map<string, Peer>();
  #lines: Line[] = [];
  #nextLine = 0;

  /** Everybody who is here, oneself first. */
  get people(): Peer[] {
    return this.you === null ? [] : [this.you, ...this.#peers.values()];
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** Where the leader is; null where nobody leads, whatever others say. */
  get playback(): RoomPlayback | null {
    return this.#playback?.fromUserId === this.authorityId ? (this.#playback?.state ?? null) : null;
  }

  /** Oneself has said where all are to be. */
  lead(state: RoomPlayback): void {
    if (this.you) this.#playback = { state, fromUserId: this.you.userId };
  }

  get leads(): boolean {
    return this.you !== null && this.authorityId === this.you.userId;
  }

  get authority(): Peer | null {
    return this.people.find(({ userId }) => userId === this.authorityId) ?? null;
  }

  /** @returns what follows from a message for who shows the room; null for nothing */
  hear(message: ServerToClient): 'people' | 'lines' | 'deleted' | 'playback' | 'removed' | null {
    switch (message.type) {
      case 'room/joined': {
        this.you = message.payload.you;
        this.#playback = null;
        this.#peers.clear();
        for (const peer of message.payload.peers) this.#peers.set(peer.userId, peer);
        return 'people';
      }
      case 'room/peer_joined': {
        const { peer } = message.payload;
        this.#peers.set(peer.userId, peer);
        this.#add('joined', peer, '', null);
        return 'people';
      }
      case 'room/peer_left':
        return this.#left(message.payload.userId);
      case 'chat/message': {
        const { from, text, tsMs } = message.payload;
        this.#add('said', from, text, tsMs);
        return 'lines';
      }
      case 'chat/deleted': {
        const { tsMs } = message.payload;
        this.#lines = this.#lines.filter((line) => line.tsMs !== tsMs);
        return 'deleted';
      }
      case 'watch/playback_state':
        this.#playback = message.payload;
        return 'playback';
      default:
        return null;
    }
  }

  /** Out of the room: what was said stays to be read. */
  leave(): void {
    this.you = null;
    this.authorityId = null;
    this.#playback = null;
    this.#peers.clear();
  }

  #left(userId: string): 'people' | 'removed' | null {
    if (userId === this.you?.userId) {
      this.leave();
      return 'removed';
    }
    const peer = this.#peers.get(userId);
    if (!this.#peers.delete(userId) || !peer) return null;
    this.#add('left', peer, '', null);
    return 'people';
  }

  #add(kind: Line['kind'], from: Peer, text: string, tsMs: number | null): void {
    this.#lines = [...this.#lines, { id: this.#nextLine, kind, from, text, tsMs }].slice(-maxLines);
    this.#nextLine += 1;
  }
}
