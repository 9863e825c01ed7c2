import t from 'tap';
import { Player } from '#web-ui/player/player.ts';
import type { SessionListener } from '#web-ui/player/session.ts';
import { type Way, type WayChoice, WayChooser } from '#web-ui/player/way-chooser.ts';
import type { StatusReply } from '#web-ui/server/messages.ts';
import { ServerView } from '#web-ui/server/server-view.ts';

class FakeSession {
  readonly way: Way;
  readonly inBackground: boolean;
  readonly listener: SessionListener;
  open = true;
  shown = false;

  constructor(way: Way, inBackground: boolean, listener: SessionListener) {
    this.way = way;
    this.inBackground = inBackground;
    this.listener = listener;
  }

  show(): void {
    this.shown = true;
  }

  close(): void {
    this.open = false;
  }
}

/** A page whose server, browser and time are driven by the test. */
class Page {
  nowMs = 0;
  frames = 0;
  /** Pictures move by themselves while time passes. */
  flowing = false;
  readonly sessions: FakeSession[] = [];
  readonly view = new ServerView(0);
  readonly player: Player;

  constructor(choice: WayChoice = 'auto') {
    this.player = new Player({
      view: this.view,
      chooser: new WayChooser({ choice, supports: () => true }),
      nowMs: () => this.nowMs,
      open: (way, inBackground, listener) => {
        const session = new FakeSession(way, inBackground, listener);
        this.sessions.push(session);
        return session;
      },
    });
    this.player.step();
  }

  get ways(): string {
    return this.sessions.map(({ way, inBackground }) => (inBackground ? `(${way})` : way)).join(' ');
  }

  get open(): FakeSession[] {
    return this.sessions.filter(({ open }) => open);
  }

  get last(): FakeSession {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('no session was opened');
    return session;
  }

  say(live: boolean): void {
    this.view.hearLancast({ type: 'status', data: { live, viewerCount: 1 } }, this.nowMs);
    this.player.step();
  }

  explain(state: StatusReply['broadcast']['state']): void {
    const reply = { device: { name: '' }, stream: { title: '' }, broadcast: { state, reason: null } };
    this.view.hearStatus(reply, this.nowMs);
    this.player.step();
  }

  pass(durationMs: number): void {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; ) {
      this.nowMs += 250;
      if (this.flowing) this.frames += 8;
      this.player.step(this.frames);
    }
  }

  /** The newest session shows its first picture, and pictures flow from then on. */
  play(): void {
    this.flowing = true;
    this.last.listener.firstFrame();
  }

  watch(): this {
    this.say(true);
    this.play();
    this.pass(5_000);
    return this;
  }
}

t.test('the offer goes out before the server has said anything', async (t) => {
  const page = new Page();
  t.equal(page.ways, 'webrtc');
  page.say(true);
  page.play();
  t.equal(page.ways, 'webrtc', 'and is the only one');
  t.equal(page.player.shown, 'live');
  t.equal(page.player.way, 'webrtc');
});

t.test('offline: waits, starts by itself, and ends with the broadcast', async (t) => {
  const page = new Page();
  page.last.listener.failed('unavailable');
  page.say(false);
  page.explain('offline');
  page.pass(60_000);
  t.equal(page.player.shown, 'offline');
  t.equal(page.ways, 'webrtc', 'nobody is asked again meanwhile');
  page.explain('starting');
  t.equal(page.player.shown, 'starting');
  t.equal(page.ways, 'webrtc webrtc', 'stands by for the first picture');
  page.pass(8_000);
  t.equal(page.ways, 'webrtc webrtc', 'a camera that takes its time is not a fault');
  page.say(true);
  page.play();
  t.equal(page.player.shown, 'live');
  page.say(false);
  page.explain('offline');
  t.equal(page.player.shown, 'offline');
  t.same(page.open, []);
});

t.test('no picture within 3 s: LL-HLS, and WebRTC again in the background', async (t) => {
  const page = new Page();
  page.say(true);
  page.pass(2_750);
  t.equal(page.ways, 'webrtc');
  page.pass(250);
  t.equal(page.ways, 'webrtc hls');
  page.play();
  t.equal(page.player.way, 'hls');
  page.pass(29_500);
  t.equal(page.ways, 'webrtc hls');
  page.pass(1_000);
  t.equal(page.ways, 'webrtc hls (webrtc)');
  t.equal(page.player.way, 'hls', 'plays on');
  page.pass(3_000);
  t.equal(page.open.length, 1, 'given up');
  page.pass(60_000);
  t.equal(page.ways, 'webrtc hls (webrtc) (webrtc)');
  page.play();
  t.equal(page.player.way, 'webrtc');
  t.ok(page.last.shown);
  t.same(page.open, [page.last]);
  t.equal(page.player.shown, 'live');
});

t.test('a refused offer goes over to LL-HLS at once', async (t) => {
  const page = new Page();
  page.say(true);
  page.last.listener.failed('refused');
  t.equal(page.ways, 'webrtc hls');
  page.last.listener.failed('lost');
  page.pass(250);
  page.pass(250);
  t.equal(page.sessions.length, 3, 'two ways that fail at once are not tried in a whirl');
});

t.test(
  'egress dies: a new session beside the old one, in its place as soon as it shows something',
  async (t) => {
    const page = new Page().watch();
    page.flowing = false;
    page.pass(1_000);
    t.equal(page.ways, 'webrtc (webrtc)');
    t.equal(page.player.shown, 'live', 'nothing is said of a hiccup');
    page.last.listener.failed('unavailable', 1_000);
    page.pass(250);
    t.equal(page.ways, 'webrtc (webrtc) (webrtc)', 'quickly again');
    page.pass(250);
    t.equal(page.player.shown, 'retrying');
    page.play();
    t.equal(page.player.shown, 'live');
    t.same(page.open, [page.last]);
    t.equal(page.player.way, 'webrtc');
  },
);

t.test('the old session comes back by itself: it is kept', async (t) => {
  const page = new Page().watch();
  page.flowing = false;
  page.pass(1_000);
  page.flowing = true;
  page.pass(250);
  t.same(page.open, [page.sessions[0]]);
  t.equal(page.player.shown, 'live');
});

t.test('the old session holds the last place: it is given up for the new one', async (t) => {
  const page = new Page().watch();
  page.flowing = false;
  page.pass(1_000);
  page.last.listener.failed('full');
  t.equal(page.open.length, 0);
  page.pass(250);
  t.equal(page.ways, 'webrtc (webrtc) webrtc');
  t.not(page.player.shown, 'full');
});

t.test('WebRTC stays away while the server is live: LL-HLS after 3 s', async (t) => {
  const page = new Page().watch();
  page.flowing = false;
  page.pass(1_000);
  for (let n = 0; n < 40 && page.last.way === 'webrtc'; n += 1) {
    if (page.last.open && page.last.inBackground) page.last.listener.failed('unavailable');
    page.pass(250);
  }
  t.equal(page.last.way, 'hls');
  t.ok(page.nowMs <= 5_000 + 1_000 + 3_500, `after ${page.nowMs - 5_000} ms`);
  page.play();
  t.equal(page.player.shown, 'live');
});

t.test('the camera is brought back: the session lives on', async (t) => {
  const page = new Page().watch();
  page.flowing = false;
  page.say(false);
  page.explain('retrying');
  t.equal(page.player.shown, 'live', 'for half a second it was never away');
  page.pass(500);
  t.equal(page.player.shown, 'retrying');
  page.pass(20_000);
  t.equal(page.player.shown, 'retrying');
  page.say(true);
  t.equal(page.player.shown, 'retrying', 'not before a picture is seen');
  page.pass(500);
  page.flowing = true;
  page.pass(500);
  t.equal(page.player.shown, 'live');
  t.equal(page.ways, 'webrtc');
});

t.test('the hub restarts: pictures go on, and so does the word for them', async (t) => {
  const page = new Page().watch();
  page.view.loseLancast(page.nowMs);
  page.pass(10_000);
  t.equal(page.player.shown, 'live');
  page.flowing = false;
  page.pass(2_000);
  t.equal(page.player.shown, 'unreachable');
  t.equal(page.player.way, null);
  t.equal(page.ways, 'webrtc', 'nobody is there to be asked');
  page.say(true);
  t.equal(page.ways, 'webrtc (webrtc)', 'asked as soon as somebody is');
  t.equal(page.player.shown, 'retrying', 'nothing moves yet');
});

t.test('a full house is asked seldom, and entered when there is room', async (t) => {
  const page = new Page();
  page.view.hearLancast({ type: 'error', data: { code: 'ROOM_FULL', message: '' } }, 0);
  page.player.step();
  t.equal(page.player.shown, 'full');
  t.same(page.open, []);
  page.pass(60_000);
  t.equal(page.ways, 'webrtc');
  page.say(true);
  t.equal(page.ways, 'webrtc webrtc');
  page.last.listener.failed('full', 8_000);
  t.equal(page.player.shown, 'full', 'WHEP may have no place though LANCast had one');
  page.pass(7_750);
  t.equal(page.ways, 'webrtc webrtc');
  page.pass(250);
  t.equal(page.ways, 'webrtc webrtc webrtc');
});

t.test('paused or unseen: standing still is no fault', async (t) => {
  for (const excuse of ['paused', 'hidden'] as const) {
    const page = new Page().watch();
    page.player.excuse(excuse, true);
    page.flowing = false;
    page.pass(30_000);
    t.equal(page.ways, 'webrtc', excuse);
    t.equal(page.player.shown, 'live');
    page.player.excuse(excuse, false);
    page.pass(750);
    t.equal(page.ways, 'webrtc', 'and has a moment to begin again');
    page.pass(250);
    t.equal(page.ways, 'webrtc (webrtc)');
  }
});

t.test('LL-HLS that stands still begins again', async (t) => {
  const page = new Page('hls').watch();
  t.equal(page.ways, 'hls');
  page.flowing = false;
  page.pass(1_500);
  t.equal(page.player.shown, 'retrying');
  page.pass(1_000);
  t.equal(page.ways, 'hls hls');
  page.play();
  t.equal(page.player.shown, 'live');
});

t.test('a choice is followed at once', async (t) => {
  const page = new Page().watch();
  page.player.choose('hls');
  t.equal(page.ways, 'webrtc hls');
  t.same(page.open, [page.last]);
  page.play();
  page.player.choose('auto');
  t.equal(page.ways, 'webrtc hls (webrtc)', 'LL-HLS plays until WebRTC does');
  page.play();
  t.equal(page.player.way, 'webrtc');
});

t.test('leaving closes everything; coming back begins again', async (t) => {
  const page = new Page().watch();
  page.player.close();
  t.same(page.open, []);
  page.pass(1_000);
  t.equal(page.ways, 'webrtc');
  page.player.reopen();
  t.equal(page.ways, 'webrtc webrtc');
});

t.test('held to LL-HLS, whatever was chosen, and back to WebRTC without a gap', async (t) => {
  const page = new Page().watch();
  page.player.hold('hls');
  t.equal(page.ways, 'webrtc hls', 'at once');
  t.same(
    page.open.map(({ way }) => way),
    ['hls'],
  );
  page.play();
  page.pass(60_000);
  t.equal(page.ways, 'webrtc hls', 'and it stays so');
  page.player.choose('webrtc');
  t.equal(page.open[0]?.way, 'hls', 'also where another way is chosen meanwhile');
  page.player.hold(null);
  page.pass(500);
  t.equal(page.ways, 'webrtc hls (webrtc)', 'LL-HLS plays until WebRTC does');
  page.play();
  t.equal(page.player.way, 'webrtc');
});

t.test('a PIN: nothing is asked for until it was shown', async (t) => {
  const page = new Page();
  page.pass(250);
  page.view.hearStatus(
    {
      device: { name: '' },
      stream: { title: '' },
      broadcast: { state: 'live', reason: null },
      viewer: { admitted: false },
    },
    page.nowMs,
  );
  page.player.step();
  t.equal(page.player.shown, 'locked');
  t.same(page.open, [], 'the offer that was made is thrown away');
  page.pass(2_000);
  t.same(page.open, []);
  page.explain('live');
  page.player.retry();
  page.play();
  t.equal(page.player.shown, 'live');
});
