import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { LinkHost } from './link-host.ts';

/** Egress says twice a second whether packets flow; one that says nothing for this long stands still. */
const silentAfterMs = 1_250;
const lookEveryMs = 250;

const stalled: Problem = {
  code: 'webrtc-stalled',
  message: 'WebRTC stands still: its viewers get no pictures.',
  action: 'The box restarts it by itself. Until then the page shows pictures by LL-HLS.',
};

interface Deps {
  link: LinkHost;
  clock: Clock;
  logger: Logger;
}

/**
 * Whether egress lives, judged by what it says and not by its process, which may hang. Who started it (systemd, or the
 * demo) misses it too, and starts it again.
 */
export class EgressPulse {
  readonly events = new EventHub<{ pulseChanged: { silent: boolean } }>();
  readonly #deps: Deps;
  #heardAtMs = 0;
  #lookedAtMs = 0;
  #silent = false;
  #stop: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** It is here and says nothing. */
  get silent(): boolean {
    return this.#silent;
  }

  get problems(): readonly Problem[] {
    return this.#silent ? [stalled] : [];
  }

  start(): void {
    this.#deps.link.events.on('egress', () => this.#hear());
    this.#deps.link.events.on('joined', ({ daemon }) => {
      if (daemon === 'egress') this.#hear();
    });
    this.#deps.link.events.on('left', ({ daemon }) => {
      if (daemon === 'egress') this.#change(false); // it is missed in other ways then
    });
    this.#lookedAtMs = this.#deps.clock.monotonicMs();
    this.#stop = this.#deps.clock.every(lookEveryMs, () => this.#look());
  }

  close(): void {
    this.#stop();
  }

  #hear(): void {
    this.#heardAtMs = this.#deps.clock.monotonicMs();
    this.#change(false);
  }

  #look(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    // Where control itself was held up, what egress said meanwhile has not been read yet.
    const heldUp = nowMs - this.#lookedAtMs > 2 * lookEveryMs;
    this.#lookedAtMs = nowMs;
    if (!heldUp && this.#deps.link.has('egress') && nowMs - this.#heardAtMs > silentAfterMs)
      this.#change(true);
  }

  #change(silent: boolean): void {
    if (silent === this.#silent) return;
    this.#silent = silent;
    if (silent) this.#deps.logger.error({ silentAfterMs }, 'egress says nothing: WebRTC stands still');
    else this.#deps.logger.info('egress speaks again, or has gone');
    this.events.emit('pulseChanged', { silent });
  }
}
