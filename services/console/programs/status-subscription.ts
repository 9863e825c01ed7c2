import type { Clock } from '#core/domain/clock.ts';
import type { ApiClient } from '#core/protocol/client.ts';
import { followStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';

const againMs = 500;
/** A program that has this much unread gets only the latest status once it has caught up. */
const slowBytes = 32 * 1024;
const slowCheckMs = 200;

interface Notification {
  jsonrpc: '2.0';
  method: 'statusChanged' | 'statusLost';
  params: { status: LinkStatusBody } | Record<string, never>;
}

interface Deps {
  box: ApiClient<'operator'>;
  clock: Clock;
  send: (notification: Notification) => void;
  pendingBytes: () => number;
}

/** Status changes for a program that asked for them, for as long as it does. */
export class StatusSubscription {
  readonly #deps: Deps;
  #round = 0;
  #active = false;
  #connected = false;
  #endFollowing: () => void = () => {};
  #cancelTimer: () => void = () => {};
  #late: LinkStatusBody | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Again: the status is sent once more. */
  start(): void {
    this.end();
    this.#active = true;
    this.#round += 1;
    void this.#follow(this.#round);
  }

  end(): void {
    this.#active = false;
    this.#connected = false;
    this.#late = null;
    this.#cancelTimer();
    this.#endFollowing();
    this.#endFollowing = () => {};
  }

  async #follow(round: number): Promise<void> {
    const isCurrent = (): boolean => this.#active && round === this.#round;
    const lost = (): void => {
      if (!isCurrent()) return;
      if (this.#connected) this.#deps.send({ jsonrpc: '2.0', method: 'statusLost', params: {} });
      this.#connected = false;
      this.#late = null;
      this.#cancelTimer();
      this.#cancelTimer = this.#deps.clock.after(againMs, () => void this.#follow(round));
    };
    try {
      const end = await this.#deps.box.follow(
        followStatus,
        (status) => {
          if (!isCurrent()) return;
          this.#connected = true;
          this.#tell(status);
        },
        lost,
      );
      if (isCurrent()) this.#endFollowing = end;
      else end();
    } catch {
      lost();
    }
  }

  #tell(status: LinkStatusBody): void {
    if (this.#deps.pendingBytes() <= slowBytes) {
      this.#late = null;
      this.#deps.send({ jsonrpc: '2.0', method: 'statusChanged', params: { status } });
      return;
    }
    const isWaiting = this.#late !== null;
    this.#late = status;
    if (!isWaiting) this.#cancelTimer = this.#deps.clock.after(slowCheckMs, () => this.#tellLate());
  }

  #tellLate(): void {
    const late = this.#late;
    this.#late = null;
    if (late !== null && this.#active) this.#tell(late);
  }
}
