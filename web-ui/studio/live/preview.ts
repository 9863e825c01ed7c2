import { Player } from '../../player/player.ts';
import type { ShownState } from '../../player/shown-state.ts';
import { WayChooser } from '../../player/way-chooser.ts';
import type { StatusReply } from '../../server/messages.ts';
import { ServerView } from '../../server/server-view.ts';
import { openHls, supportsHls } from '../../ways/hls-session.ts';
import { Screen } from '../../ways/screen.ts';
import { openWebrtc, supportsWebrtc } from '../../ways/webrtc-session.ts';

const stepMs = 100;
/** The preview never goes back. */
const atLive = { aim: null, serverNowMs: () => null };
const nowMs = (): number => performance.now();

/** The viewer's own player on the studio's small screen: what the operator sees is what viewers get. */
export class Preview {
  readonly #view = new ServerView(nowMs());
  readonly #screen: Screen;
  readonly #player: Player;
  readonly #changed: (shown: ShownState) => void;
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param options.changed told what is shown, whenever that changes */
  constructor(options: { video: HTMLVideoElement; changed: (shown: ShownState) => void }) {
    this.#changed = options.changed;
    this.#screen = new Screen(options.video, () => this.#player.excuse('paused', this.#screen.paused));
    this.#player = new Player({
      view: this.#view,
      chooser: new WayChooser({
        choice: 'auto',
        supports: (way) => (way === 'webrtc' ? supportsWebrtc() : supportsHls()),
      }),
      nowMs,
      open: (way, inBackground, listener) => {
        const options = {
          ...{ screen: this.#screen, listener, sendWhen: Promise.resolve(), aim: atLive },
          preview: true,
        };
        return way === 'webrtc' ? openWebrtc({ ...options, inBackground }) : openHls(options);
      },
    });
    this.#timer = setInterval(() => this.#step(), stepMs);
  }

  /** The box says how it is. */
  hear(status: StatusReply): void {
    this.#view.hearStatus(status, nowMs());
    this.#step();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#player.close();
  }

  #step(): void {
    this.#player.step(this.#screen.frames);
    this.#changed(this.#player.shown);
  }
}
