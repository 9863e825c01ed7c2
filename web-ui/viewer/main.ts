import './viewer.css';
import { element } from '../page/elements.ts';
import { Player } from '../player/player.ts';
import { ServerClock } from '../player/server-clock.ts';
import type { OpenSession, Session } from '../player/session.ts';
import { WayChooser } from '../player/way-chooser.ts';
import { LancastSocket } from '../server/lancast-socket.ts';
import { ServerView } from '../server/server-view.ts';
import { StatusPoll } from '../server/status-poll.ts';
import { openHls, supportsHls } from '../ways/hls-session.ts';
import type { MeasuringSession } from '../ways/measure.ts';
import { Screen } from '../ways/screen.ts';
import { openWebrtc, supportsWebrtc } from '../ways/webrtc-session.ts';
import { FiguresView } from './figures.ts';
import { NoticeView } from './notice.ts';
import { PictureControls } from './picture-controls.ts';
import { SoundControl } from './sound.ts';
import { initialWayChoice, WayControl } from './way-control.ts';

/** How soon pictures that stand still are noticed. */
const stepMs = 100;
/** Whatever the server has to say, by web socket or over HTTP, is here by then. */
const unheardMs = 2_000;
const measureMs = 1_000;

const nowMs = (): number => performance.now();
const view = new ServerView(nowMs());
const clock = new ServerClock();
const screen = new Screen(element('picture', HTMLVideoElement), () => {
  player.excuse('paused', screen.paused);
  controls.render();
});

// The picture first: the offer is made while the server is being asked, and goes out as soon as that has said that
// it is live. Where it says nothing, the offer goes out anyway.
let heardServer: () => void = () => {};
const serverHeard = new Promise<void>((resolve) => {
  heardServer = resolve;
  setTimeout(resolve, unheardMs);
});
let measured: (Session & MeasuringSession) | null = null;
const open: OpenSession = (way, inBackground, listener) => {
  const session =
    way === 'webrtc'
      ? openWebrtc({ screen, inBackground, listener, sendWhen: serverHeard })
      : openHls({ screen, listener, sendWhen: serverHeard });
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

const lancast = new LancastSocket(`${location.protocol.replace('http', 'ws')}//${location.host}/ws`, {
  message: (message) => {
    const { live } = view;
    view.hearLancast(message, nowMs());
    update();
    heardServer();
    if (view.live !== live || !view.live) status.askSoon();
  },
  lost: () => {
    view.loseLancast(nowMs());
    update();
    status.askSoon();
  },
  missed: () => {
    view.missLancast(nowMs());
    update();
  },
});
lancast.start();

const status = new StatusPoll({
  listener: {
    reply: (reply) => {
      view.hearStatus(reply, nowMs());
      update();
      heardServer();
    },
    date: (sample) => clock.note(sample),
    unreachable: () => {
      if (view.contact(nowMs()) === 'open') lancast.renew();
      view.missStatus();
    },
  },
  intervalMs: () => {
    if (view.contact(nowMs()) !== 'open' || view.live !== true) return 2_000;
    // Live: only for the title, and for the two clocks.
    return clock.precise ? 60_000 : clock.nextSampleInMs(nowMs());
  },
});

const notice = new NoticeView();
const figures = new FiguresView();
const sound = new SoundControl(screen.video);
const controls = new PictureControls(screen, sound);
const wayControl = new WayControl(chooser.choice, (choice) => {
  player.choose(choice);
  update();
});
status.askSoon(300);

function update(frames?: number): void {
  player.step(frames);
  notice.show(player.shown, player.way, view.title, {
    reason: view.reason,
    live: view.live,
    host: location.hostname,
  });
  figures.showViewers(view.viewers);
  wayControl.show(player.way);
}

async function measure(): Promise<void> {
  const session = player.shown === 'live' ? measured : null;
  const figuresNow = session ? await session.measure(clock.serverTimeMs(nowMs())) : null;
  figures.showPicture(figuresNow, screen.video.videoHeight, view.stream);
  sound.setAvailable(figuresNow?.sound !== false);
}

update();
setInterval(() => update(screen.frames), stepMs);
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
window.addEventListener('online', () => lancast.renew());
window.addEventListener('pagehide', () => {
  player.close();
  lancast.close();
  status.close();
});
window.addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  player.reopen();
  lancast.start();
  status.askSoon();
});
