import type { BroadcastState } from '#core/domain/broadcast-state.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Contact } from '../player/shown-state.ts';
import type { LancastMessage, StatusReply, StreamInfo } from './messages.ts';

/** An answer over HTTP proves for this long that the server is there. */
const heardForMs = 4_000;
/** Who types a PIN is not interrupted by one slow answer, or by none while the box restarts. */
const lockedForMs = 8_000;
/** If what lies behind `live: false` isn't known by then, it is taken at its word. */
const detailDueMs = 1_000;

/**
 * What the page knows of the box, from two sources: LANCast (`/ws`) says at once whether it is live and how
 * many watch; `/api/v1/status` says what lies behind "not live", and stands in where web sockets can't get through.
 */
export class ServerView {
  #socket: Contact = 'connecting';
  #socketSinceMs: number;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #live: boolean | null = null;
  #liveSinceMs: number;
  #broadcast: BroadcastState | null = null;
  #locked = false;
  #lockedAtMs = Number.NEGATIVE_INFINITY;
  #removed = false;
  reason: Problem | null = null;
  title: string | null = null;
  viewers: number | null = null;
  stream: StreamInfo | null = null;
  /** What was heard last of the box: its names, its stream. */
  latest: StatusReply | null = null;

  constructor(nowMs: number) {
    this.#socketSinceMs = nowMs;
    this.#liveSinceMs = nowMs;
  }

  /** Null until the server has said. */
  get live(): boolean | null {
    return this.#live;
  }

  contact(nowMs: number): Contact {
    if (this.#removed) return 'removed';
    const heard = this.#heardAtMs > this.#socketSinceMs && nowMs - this.#heardAtMs < heardForMs;
    if (this.#locked && nowMs - this.#lockedAtMs < lockedForMs) return 'locked';
    return heard && (this.#socket === 'connecting' || this.#socket === 'lost') ? 'open' : this.#socket;
  }

  /** A PIN is asked for, and was not shown yet. */
  get locked(): boolean {
    return this.#locked;
  }

  /** The operator has shut this viewer out: only the status is answered. */
  get removed(): boolean {
    return this.#removed;
  }

  silentMs(nowMs: number): number {
    return nowMs - Math.max(this.#socketSinceMs, this.#heardAtMs);
  }

  /** What lies behind `live: false`; null until that is known. */
  broadcast(nowMs: number): BroadcastState | null {
    if (this.#broadcast !== null || this.#live !== false) return this.#broadcast;
    return nowMs - this.#liveSinceMs >= detailDueMs ? 'offline' : null;
  }

  hearLancast(message: LancastMessage, nowMs: number): void {
    if (message.type === 'error') {
      if (message.data.code === 'ROOM_FULL') this.#setSocket('full', nowMs);
      return;
    }
    this.#setSocket('open', nowMs);
    this.viewers = message.data.viewerCount;
    this.stream = message.data.streamInfo ?? null;
    this.#setLive(message.data.live, message.data.live ? 'live' : null, nowMs);
  }

  /** The socket closed, or could not be opened. After ROOM_FULL that is part of the answer. */
  loseLancast(nowMs: number): void {
    if (this.#socket !== 'open') return;
    this.#setSocket('lost', nowMs);
    this.viewers = null;
  }

  /** The socket could not even be opened: the server is away, not full any more. */
  missLancast(nowMs: number): void {
    if (this.#socket === 'full') this.#setSocket('lost', nowMs);
  }

  hearStatus(reply: StatusReply, nowMs: number): void {
    const { broadcast, stream, device, viewer } = reply;
    this.#heardAtMs = nowMs;
    this.latest = reply;
    this.#locked = viewer?.admitted === false;
    if (this.#locked) this.#lockedAtMs = nowMs;
    this.#removed = viewer?.removed === true;
    this.title = nameOf(stream.title, device.name);
    const { state, reason } = broadcast;
    const isLive = state === 'live';
    if (this.#socket === 'lost' || this.#socket === 'connecting') this.#setLive(isLive, state, nowMs);
    // LANCast is quicker: an answer that contradicts it was overtaken on the way.
    if (this.#live !== isLive) return;
    this.#broadcast = state;
    this.reason = reason;
  }

  /** HTTP gets no answer either. */
  missStatus(): void {
    this.#heardAtMs = Number.NEGATIVE_INFINITY;
  }

  #setSocket(contact: Contact, nowMs: number): void {
    if (contact === this.#socket) return;
    this.#socket = contact;
    this.#socketSinceMs = nowMs;
  }

  #setLive(live: boolean, broadcast: BroadcastState | null, nowMs: number): void {
    if (live === this.#live) return;
    this.#live = live;
    this.#liveSinceMs = nowMs;
    this.#broadcast = broadcast;
    this.reason = null;
  }
}

/** A title that only says "Live" says nothing: the badge on the picture does that, and more truly. */
function nameOf(title: string, deviceName: string): string {
  return title === '' || title.toLowerCase() === 'live' ? deviceName : title;
}
