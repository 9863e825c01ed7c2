import './viewer.css';
import { element } from '../page/elements.ts';
import { languageOf, localize, speaker } from '../page/language.ts';
import { Toasts } from '../page/toasts.ts';
import { Player } from '../player/player.ts';
import { ServerClock } from '../player/server-clock.ts';
import type { OpenSession, Session } from '../player/session.ts';
import { StallWatch } from '../player/stall-watch.ts';
import { TimeShift } from '../player/time-shift.ts';
import { WayChooser } from '../player/way-chooser.ts';
import { ServerView } from '../server/server-view.ts';
import { openHls, supportsHls } from '../ways/hls-session.ts';
import type { Measure, MeasuringSession } from '../ways/measure.ts';
import { Screen } from '../ways/screen.ts';
import { type KnownIceServers, openWebrtc, supportsWebrtc } from '../ways/webrtc-session.ts';
import { Connection } from './connection.ts';
import { DelayReport } from './delay-report.ts';
import { FiguresView } from './figures.ts';
import { Later } from './later.ts';
import { NoticeView } from './notice.ts';
import { PictureControls } from './picture-controls.ts';
import { PinForm } from './pin-form.ts';
import { ShiftControls } from './shift-controls.ts';
import { SlowLink } from './slow-link.ts';
import { SoundControl } from './sound.ts';
import { initialWayChoice, WayControl } from './way-control.ts';
import { viewerWords } from './words.ts';

/** How soon pictures that stand still are noticed. */
const stepMs = 100;
const measureMs = 1_000;

const nowMs = (): number => performance.now();
const language = languageOf(navigator.languages);
const say = speaker(viewerWords, language);
localize(document, viewerWords, language);

const view = new ServerView(nowMs());
const clock = new ServerClock();
const serverNowMs = (): number | null => clock.serverTimeMs(nowMs());
const stalls = new StallWatch();
const toasts = new Toasts(document.body, say('close'));
const screen = new Screen(element('picture', HTMLVideoElement), () => {
  player.excuse('paused', screen.paused);
  controls.render();
});
const shift = new TimeShift({
  nowMs: () => serverNowMs() ?? Date.now(),
  changed: () => {
    player.hold(shift.aim ? 'hls' : null);
    shiftControls.render();
    update();
  },
});
const shiftControls = new ShiftControls({ shift, possible: supportsHls() });

// The picture first: the offer is made while the server is being asked, and goes out as soon as that has said that
// it is live. Where it says nothing, the offer goes out anyway.
const connection = new Connection({
  view,
  clock,
  changed: () => update(),
  urgent: () => player.shown !== 'live',
});
const ice: KnownIceServers = { servers: [] };
let measured: (Session & MeasuringSession) | null = null;
let latest: Measure | null = null;
const open: OpenSession = (way, inBackground, listener) => {
  const noting = {
    ...listener,
    failed: (...failure: Parameters<typeof listener.failed>) => {
      connection.ask();
      listener.failed(...failure);
    },
  };
  const common = { screen, listener: noting, sendWhen: connection.heard };
  const session =
    way === 'webrtc'
      ? openWebrtc({ ...common, inBackground, ice })
      : openHls({
          ...common,
          hasReplay: () => shiftControls.replaySeconds !== null,
          aim: {
            serverNowMs,
            get aim() {
              return shift.aim;
            },
          },
        });
  if (!inBackground) measured = session;
  return {
    show: () => {
      measured = session;
      session.show();
    },
    close: () => {
      if (measured === session) measured = null;
      session.close();
    },
  };
};
const chooser = new WayChooser({
  choice: initialWayChoice(location.search),
  supports: (way) => (way === 'webrtc' ? supportsWebrtc() : supportsHls()),
});
const player = new Player({ view, chooser, open, nowMs });
player.step();
connection.start();

const notice = new NoticeView(say);
const figures = new FiguresView(say, language);
const sound = new SoundControl(say, screen.video);
const controls = new PictureControls({ say, screen, sound, shift: shiftControls });
const wayControl = new WayControl({
  say,
  choice: chooser.choice,
  chosen: (choice) => {
    player.choose(choice);
    update();
  },
});
const pinForm = new PinForm({
  say,
  streamId: () => view.latest?.stream.id ?? null,
  opened: () => {
    player.retry();
    connection.ask();
  },
});
/** The box sends this device key frames alone, since its link takes no more. */
const slowLink = new SlowLink({
  giveUpWebrtc: () => player.giveUpWebrtc(),
  tell: (moved) =>
    toasts.say(
      moved
        ? say('slowLink')
        : say('slowLinkChosen', { low: say('webrtc'), auto: say('auto'), steady: say('hls') }),
    ),
  ask: () => connection.ask(),
});
const later = new Later({
  language,
  say,
  toasts,
  view,
  pace: connection.pace,
  shift,
  shiftControls,
  facts: () => ({
    way: player.way,
    choice: chooser.choice,
    measure: latest,
    delay: figures.delay,
    stalls: stalls.lastMinute(nowMs()),
    video: screen.video,
  }),
  steady: () => wayControl.choose('hls'),
});

function update(frames?: number): void {
  const before = player.shown;
  player.step(frames);
  slowLink.hear(view.latest, player.way);
  if (before === 'live' && player.shown !== 'live') connection.ask();
  notice.show(player.shown, player.way, view.latest && view.title, {
    live: view.live,
    paused: screen.paused,
    host: location.hostname,
    online: navigator.onLine,
    shifting: chooser.held !== null,
    behindSeconds: shift.behindSec,
  });
  figures.showViewers(view.viewers);
  wayControl.show(player.way);
  pinForm.show(player.shown === 'locked');
  later.lock(player.shown === 'locked');
  later.offerRecordings(view.latest?.viewer?.recordings === true);
  figures.showDescription(view.latest?.stream.description ?? '');
}

function step(): void {
  update(screen.frames);
  slowLink.look(
    player.way === 'webrtc' && !screen.paused && !document.hidden ? screen.frames : null,
    nowMs(),
  );
  const expected = player.shown === 'live' && !screen.paused && !document.hidden && !screen.video.seeking;
  stalls.note(screen.frames, expected || player.shown === 'retrying', nowMs());
}

const delayReport = new DelayReport();
async function measure(): Promise<void> {
  const session = player.shown === 'live' ? measured : null;
  latest = session ? await session.measure(serverNowMs()) : null;
  slowLink.measured(latest, player.way);
  figures.showPicture(latest, screen.video.videoHeight, view.stream);
  delayReport.note(latest && !shift.aim ? figures.delay : null, nowMs());
  sound.setAvailable(latest?.sound !== false && view.latest?.stream.sound !== false);
  shiftControls.windowSeconds = session?.windowSeconds() ?? null;
  const replayFrom = view.latest?.stream.replayFrom;
  shiftControls.replaySeconds =
    view.live && replayFrom ? ((serverNowMs() ?? 0) - Date.parse(replayFrom)) / 1000 : null;
  const startTime = view.latest?.broadcast.startTime;
  shiftControls.onAirSeconds =
    view.live && startTime ? ((serverNowMs() ?? 0) - Date.parse(startTime)) / 1000 : 0;
  if (view.live === false && shift.aim) shift.follow(null);
  shiftControls.keepWithin();
  shiftControls.render();
  if (player.shown === 'live' && stalls.shouldAsk(nowMs()))
    toasts.say(say('stutters'), { label: say('getHelp'), run: () => void later.help() });
}

update();
setInterval(step, stepMs);
setInterval(() => void measure(), measureMs);

screen.video.addEventListener('playing', () => void sound.restore());
const shape = document.documentElement.style;
screen.video.addEventListener('resize', () => {
  const { videoWidth, videoHeight } = screen.video;
  if (videoWidth > 0) shape.setProperty('--shape', String(videoWidth / videoHeight));
});
document.addEventListener('visibilitychange', () => {
  player.excuse('hidden', document.hidden);
  if (!document.hidden) void screen.play();
  update();
});
window.addEventListener('pagehide', () => {
  player.close();
  connection.close();
});
window.addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  player.reopen();
  connection.ask();
});
