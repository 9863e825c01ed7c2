import { getStatus } from '#core/protocol/endpoints/box.ts';
import type { DateSample } from '../player/server-clock.ts';
import { readStatus, type StatusReply } from './messages.ts';
import type { SharedPace } from './shared-pace.ts';

const timeoutMs = 4_000;
/** Many changes at once (viewers coming and going) are asked about once. */
const soonMs = 50;

export interface StatusListener {
  reply(reply: StatusReply): void;
  date(sample: DateSample): void;
  unreachable(): void;
}

/** Asks `GET /api/v1/status` at once when told to, and otherwise as often as `intervalMs` says. */
export class StatusPoll {
  readonly #listener: StatusListener;
  readonly #intervalMs: () => number;
  readonly #pace: SharedPace;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #askAgain = false;
  #closed = false;

  constructor(options: { listener: StatusListener; intervalMs: () => number; pace: SharedPace }) {
    this.#listener = options.listener;
    this.#intervalMs = options.intervalMs;
    this.#pace = options.pace;
  }

  /** Something changed: ask soon. */
  askSoon(delayMs = soonMs): void {
    this.#closed = false;
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#schedule(delayMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#ask(), Math.max(delayMs, this.#pace.waitMs));
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    this.#askAgain = false;
    const sentAtMs = performance.now();
    try {
      const response = await fetch(getStatus.path, {
        cache: 'no-store',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const receivedAtMs = performance.now();
      this.#pace.reached();
      const serverDateMs = Date.parse(response.headers.get('date') ?? '');
      if (Number.isFinite(serverDateMs)) this.#listener.date({ sentAtMs, receivedAtMs, serverDateMs });
      const reply = readStatus(await response.text());
      if (reply && !this.#closed) this.#listener.reply(reply);
    } catch {
      this.#pace.missed();
      if (!this.#closed) this.#listener.unreachable();
    }
    this.#asking = false;
    this.#schedule(this.#askAgain ? soonMs : this.#intervalMs());
  }
}
