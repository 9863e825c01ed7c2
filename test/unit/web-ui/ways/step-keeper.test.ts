import t from 'tap';
import type { RoomPlayback } from '#core/domain/room.ts';
import { StepKeeper } from '#web-ui/ways/step-keeper.ts';

const startMs = 1_763_600_000_000;

/** A player whose picture at position 0 was captured at `startMs`; time passes as the test says. */
class Played {
  nowMs = startMs + 60_000;
  aim: RoomPlayback | null = null;
  ownPause = false;
  held = false;
  seeks: number[] = [];
  #position = 59;
  readonly video: { currentTime: number; playbackRate: number; seeking: boolean };
  readonly keeper: StepKeeper;

  constructor() {
    const played = this;
    this.video = {
      playbackRate: 1,
      seeking: false,
      get currentTime() {
        return played.#position;
      },
      set currentTime(seconds: number) {
        played.seeks.push(seconds);
        played.#position = seconds;
      },
    };
    this.keeper = new StepKeeper({
      screen: this,
      timeline: {
        dateMs: () => startMs + this.#position * 1000,
        range: () => ({ start: 40, end: (this.nowMs - startMs) / 1000 - 0.5 }),
      },
      aim: {
        serverNowMs: () => this.nowMs,
        get aim() {
          return played.aim;
        },
      },
      nowMs: () => this.nowMs,
    });
  }

  get paused(): boolean {
    return this.ownPause || this.held;
  }

  hold(held: boolean): void {
    this.held = held;
  }

  /** Plays for so long, looked at ten times a second. @param stallMs of which the picture stands still */
  pass(ms: number, stallMs = 0): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.nowMs += 100;
      if (!this.paused && passed >= stallMs) this.#position += 0.1 * this.video.playbackRate;
      this.keeper.look();
    }
  }

  get behindSec(): number {
    return (this.nowMs - startMs) / 1000 - this.#position;
  }

  /** So far behind live. */
  goTo(behindSec: number, playing = true): void {
    this.aim = { playing, positionSec: this.nowMs / 1000 - behindSec, hostTsMs: this.nowMs };
  }
}

t.test('live: it has nothing to say', async (t) => {
  const played = new Played();
  t.equal(played.keeper.look(), false);
  t.same([played.seeks, played.video.playbackRate, played.held], [[], 1, false]);
});

t.test('far off it seeks, near by it plays a little faster or slower, in step it leaves be', async (t) => {
  const played = new Played();
  played.goTo(10);
  t.equal(played.keeper.look(), true);
  t.same(played.seeks, [50]);
  played.pass(400, 300);
  t.ok(Math.abs(played.behindSec - 10.3) < 0.05, 'the seek took its time');
  played.pass(2_000);
  t.ok(Math.abs(played.behindSec - 10) < 0.3, `behind ${played.behindSec}`);
  const { length } = played.seeks;
  played.pass(15_000);
  t.ok(Math.abs(played.behindSec - 10) < 0.03, `in step: behind ${played.behindSec}`);
  t.equal(played.seeks.length, length, 'without another seek');
  t.equal(played.video.playbackRate, 1);
  played.aim = null;
  t.equal(played.keeper.look(), false, 'live again');
});

t.test('where seeking does not help, it seeks less and less often', async (t) => {
  const played = new Played();
  played.goTo(10);
  for (let passed = 0; passed < 20_000; passed += 100) played.pass(100, 100); // the picture never moves
  t.ok(played.seeks.length <= 6, `${played.seeks.length} seeks in 20 s`);
});

t.test('a pause of all holds the moment, also for who was elsewhere', async (t) => {
  const played = new Played();
  played.goTo(8, false);
  played.pass(3_000);
  t.equal(played.held, true);
  t.ok(Math.abs((played.seeks.at(-1) ?? 0) - 52) < 0.01, 'at that picture');
  played.goTo(11);
  played.pass(200);
  t.equal(played.held, false);
});

t.test('no further back than what is there', async (t) => {
  const played = new Played();
  played.goTo(55);
  played.keeper.look();
  t.same(played.seeks, [40.3]);
});

t.test("a viewer's own pause is nobody else's business", async (t) => {
  const played = new Played();
  played.goTo(10);
  played.ownPause = true;
  played.keeper.look();
  t.same(played.seeks, []);
});
