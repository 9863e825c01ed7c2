import { lancastChannel } from '#core/protocol/channels/lancast.ts';
import { socketAddress } from '../page/api.ts';
import type { ServerClock } from '../player/server-clock.ts';
import { type LancastListener, LancastSocket } from '../server/lancast-socket.ts';
import type { ServerView } from '../server/server-view.ts';
import { SharedPace } from '../server/shared-pace.ts';
import { StatusPoll } from '../server/status-poll.ts';

/** Whatever the server has to say, by web socket or over HTTP, is here by then. */
const unheardMs = 2_000;

const nowMs = (): number => performance.now();

/**
 * Keeps up with the box for as long as the page is open: the status is asked for first, since it also says whether a
 * PIN is wanted; then LANCast says at once what changes.
 */
export class Connection {
  /** Resolves once the server has said something, or has had time to. */
  readonly heard: Promise<void>;
  /** For whatever else of this page connects to the box. */
  readonly pace = new SharedPace();
  readonly #view: ServerView;
  readonly #clock: ServerClock;
  readonly #changed: () => void;
  readonly #lancast: LancastSocket;
  readonly #status: StatusPoll;
  #noteHeard: () => void = () => {};

  /** @param options.urgent pictures are missing: the box is asked often */
  constructor(options: {
    view: ServerView;
    clock: ServerClock;
    changed: () => void;
    urgent: () => boolean;
  }) {
    this.#view = options.view;
    this.#clock = options.clock;
    this.#changed = options.changed;
    this.heard = new Promise((resolve) => {
      this.#noteHeard = resolve;
    });
    const view = this.#view;
    const heardLancast: LancastListener = {
      message: (message) => {
        const { live } = view;
        view.hearLancast(message, nowMs());
        this.#hear();
        if (view.live !== live || !view.live) this.#status.askSoon();
      },
      lost: () => {
        view.loseLancast(nowMs());
        this.#changed();
        this.#status.askSoon();
      },
      missed: () => {
        view.missLancast(nowMs());
        this.#changed();
        this.#status.askSoon();
      },
    };
    this.#lancast = new LancastSocket(socketAddress(lancastChannel.path), heardLancast, this.pace);
    this.#status = new StatusPoll({
      pace: this.pace,
      listener: {
        reply: (reply) => {
          view.hearStatus(reply, nowMs());
          if (view.locked || view.removed) this.#lancast.close();
          else this.#lancast.start();
          this.#hear();
        },
        date: (sample) => this.#clock.note(sample),
        unreachable: () => {
          // A network that has gone leaves a web socket open that nobody answers any more.
          const wasOpen = view.contact(nowMs()) === 'open';
          view.missStatus();
          view.loseLancast(nowMs());
          if (wasOpen) this.#lancast.renew();
          else this.#lancast.start();
          this.#changed();
        },
      },
      intervalMs: () => {
        if (view.contact(nowMs()) !== 'open' || view.live !== true || options.urgent()) return 2_000;
        // Live: only for the title, and for the two clocks.
        return this.#clock.precise ? 60_000 : this.#clock.nextSampleInMs(nowMs());
      },
    });
  }

  start(): void {
    setTimeout(() => this.#noteHeard(), unheardMs);
    this.#status.askSoon(0);
    window.addEventListener('online', () => {
      this.pace.reached();
      if (!this.#view.locked && !this.#view.removed) this.#lancast.renew();
      this.#status.askSoon();
    });
  }

  /** Something suggests that there is news. */
  ask(): void {
    this.#status.askSoon();
  }

  close(): void {
    this.#lancast.close();
    this.#status.close();
  }

  #hear(): void {
    this.#changed();
    this.#noteHeard();
  }
}
