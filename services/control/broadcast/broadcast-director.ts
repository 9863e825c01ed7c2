import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { DomainEvents } from '#core/domain/events.ts';
import type { MediaRequest } from '#core/domain/media.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { FromEgress } from '#core/protocol/link/egress.ts';
import type { FromMedia, RtpStreams } from '#core/protocol/link/media.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { HlsOrigin } from '../hls/origin.ts';
import type { LinkHost } from '../link/link-host.ts';
import { mediaRequestOf } from './media-request.ts';
import { PictureReports } from './picture-reports.ts';

type WebRtcLoad = Extract<FromEgress, { type: 'egress_load' }>['payload'];
type Taken = Pick<MediaRequest, 'take' | 'holdSlate'>;
type MediaState = Extract<FromMedia, { type: 'media_state' }>['payload'];
type MediaProgress = Extract<FromMedia, { type: 'media_progress' }>['payload'];

const truthIntervalMs = 250;
/** The estimate of a camera's capture clock converges; smaller changes are not sent. */
const clockToleranceMs = 2;
/** Media does not retry what it refused: asking again finds a camera that was plugged in later. */
const askAgainEveryMs = 5_000;

interface Deps {
  broadcast: Broadcast;
  audience: Audience;
  link: LinkHost;
  hls: HlsOrigin;
  settings: () => Settings;
  /** What is on the air instead of `video.source`. */
  taken?: () => Taken;
  clock: Clock;
}

/**
 * Joins the broadcast to the daemons that carry it: tells media and egress what to do whenever they
 * (re)connect or something changes, and tells the broadcast what really flows.
 */
export class BroadcastDirector {
  readonly #deps: Deps;
  readonly events = new EventHub<Pick<DomainEvents, 'advancingChanged' | 'bitrateFollowsViewers'>>();
  readonly #taken: () => Taken;
  readonly #pictures: PictureReports;
  #rtp: { videoPort: number; audioPort: number } | null = null;
  #webrtcPort: number | null = null;
  #webrtcLoad: WebRtcLoad | null = null;
  /** What the viewers' links take, as egress said last; null before it did. */
  #targetKbps: number | null = null;
  /** What the line of the only destination takes, where nobody else watches. */
  #lineKbps: number | null = null;
  /** By which egress knows media's packets; null before media has ever come. */
  #rtpStreams: RtpStreams | null = null;
  #media: MediaState | null = null;
  #progress: MediaProgress | null = null;
  /** What egress was told last. */
  #captureStartedMs: number | null = null;
  /** Whose fragments came last, and whose are not wanted any more. */
  #pipelineId: string | null = null;
  #endedPipelineId: string | null = null;
  #advancing = false;
  /** Whether media was last told to run. */
  #told = false;
  #stopTruth: () => void = () => {};
  #stopAsking: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#taken = deps.taken ?? (() => ({ take: null, holdSlate: false }));
    this.#pictures = new PictureReports({
      clock: deps.clock,
      framesPerSecond: () => this.format?.framesPerSecond ?? this.#deps.settings().video.framesPerSecond,
      substituted: () => this.#media?.state === 'retrying' || this.#media?.state === 'refused',
    });
  }

  /** What media's pipeline really is; null where none runs. */
  get format(): MediaState['format'] {
    return this.#media?.format ?? null;
  }

  /** What the pipeline has delivered; null where none runs. */
  get progress(): MediaProgress | null {
    return this.#progress;
  }

  /** Measured over the last 2 s; null where nothing runs. */
  get measuredBitrateKbps(): number | null {
    return this.#progress?.bitrateKbps ?? null;
  }

  get advancing(): boolean {
    return this.#advancing;
  }

  get webrtcPort(): number | null {
    return this.#webrtcPort;
  }

  /** What the viewers' links take and how busy egress is; null while egress is away. */
  get webrtcLoad(): WebRtcLoad | null {
    return this.#webrtcLoad;
  }

  start(): void {
    const { events } = this.#deps.link;
    events.on('joined', ({ daemon }) => this.#welcome(daemon));
    events.on('left', ({ daemon }) => this.#miss(daemon));
    events.on('media', (message) => this.#hearMedia(message));
    events.on('egress', (message) => this.#hearEgress(message));
    events.on('fragment', (fragment) => {
      const { kind, pipelineId } = fragment.header;
      // What was under way when the broadcast was stopped belongs to no broadcast, least of all to the next one.
      if (!this.#deps.broadcast.wanted) this.#endedPipelineId = pipelineId;
      if (pipelineId === this.#endedPipelineId) return;
      this.#pipelineId = pipelineId;
      this.#deps.hls.accept(fragment);
      if (kind !== 'part') return;
      this.#pictures.part();
      this.#considerPicture();
    });
    this.#deps.hls.events.on('keyFrameWanted', () => this.requestKeyFrame());
    this.#deps.broadcast.events.on('broadcastChanged', ({ previous, current }) => {
      if (current.state === 'starting' && previous.state !== 'starting') this.#pictures.begin();
      if (this.#deps.broadcast.wanted) this.#deps.hls.begin();
      else {
        this.#endedPipelineId = this.#pipelineId;
        this.#deps.hls.end();
      }
      if (this.#deps.broadcast.wanted !== this.#told) this.#tellMedia();
      this.#judge();
    });
    this.#deps.broadcast.events.on('broadcastStarted', () => this.#deps.audience.resetPeak());
    this.#stopTruth = this.#deps.clock.every(truthIntervalMs, () => this.#judge());
    this.#stopAsking = this.#deps.clock.every(askAgainEveryMs, () => {
      if (this.#deps.broadcast.wanted && this.#media?.state === 'refused') this.#tellMedia();
    });
  }

  /** Settings changed: media and egress are told; each knows what that takes. */
  applySettings(): void {
    this.#configureMedia();
    this.#tellMedia();
    this.#configureEgress();
  }

  /** Another source was taken. */
  applySources(): void {
    if (this.#deps.broadcast.wanted) this.#tellMedia();
  }

  /** Somebody joins and needs a picture to start on; media limits how many there are, and postpones the others. */
  requestKeyFrame(): void {
    this.#deps.link.sendToMedia({ type: 'media_key_frame', payload: {} });
  }

  /** Egress is there and hangs: nobody sends any packets. It says itself when they flow again. */
  missEgress(): void {
    this.#pictures.egressLost();
    this.#judge();
  }

  close(): void {
    this.#stopTruth();
    this.#stopAsking();
  }

  #welcome(daemon: string): void {
    if (daemon === 'media') {
      this.#configureMedia();
      this.#tellMedia();
    }
    if (daemon !== 'egress') return;
    this.#tellRtpStreams();
    this.#configureEgress();
    this.#captureStartedMs = null;
    this.#tellClock();
  }

  #miss(daemon: string): void {
    if (daemon === 'media') {
      this.#media = null;
      this.#progress = null;
      this.#deps.broadcast.loseMedia();
    }
    if (daemon === 'egress') {
      this.#pictures.egressLost();
      this.#webrtcPort = null;
      this.#targetKbps = null;
      this.#webrtcLoad = null;
    }
    this.#judge();
  }

  #hearMedia(message: FromMedia): void {
    if (message.type === 'media_state') {
      this.#media = message.payload;
      this.#deps.broadcast.reportPipeline(message.payload);
      this.#considerPicture();
    } else if (message.type === 'media_progress') {
      this.#progress = message.payload;
      this.#tellClock();
    } else if (message.type === 'media_rtp_streams') {
      this.#rtpStreams = message.payload;
      this.#tellRtpStreams();
    }
  }

  #tellRtpStreams(): void {
    if (this.#rtpStreams) this.#deps.link.sendToEgress({ type: 'egress_input', payload: this.#rtpStreams });
  }

  /** Egress tells viewers by it how late their pictures are. */
  #tellClock(): void {
    const startedMonotonicMs = this.#progress?.startedMonotonicMs ?? null;
    if (startedMonotonicMs === null) return;
    if (
      Math.abs(startedMonotonicMs - (this.#captureStartedMs ?? Number.NEGATIVE_INFINITY)) < clockToleranceMs
    )
      return;
    this.#captureStartedMs = startedMonotonicMs;
    this.#deps.link.sendToEgress({ type: 'egress_clock', payload: { startedMonotonicMs } });
  }

  #hearEgress(message: FromEgress): void {
    if (message.type === 'egress_ready') {
      const { videoPort, audioPort, webrtcPort } = message.payload;
      this.#rtp = { videoPort, audioPort };
      this.#webrtcPort = webrtcPort;
      this.#deps.link.sendToMedia({ type: 'media_rtp', payload: this.#rtp });
    } else if (message.type === 'egress_flow') {
      this.#pictures.packets(message.payload.flowing);
      this.#considerPicture();
      this.#judge();
    } else if (message.type === 'egress_key_frame') {
      this.requestKeyFrame();
    } else if (message.type === 'egress_load') {
      this.#webrtcLoad = message.payload;
    } else if (message.type === 'egress_bitrate') {
      this.#followViewers(message.payload.target_kbps);
    }
  }

  /** What a destination's line takes, where nobody else watches; null where that is no limit. */
  followLine(limitKbps: number | null): void {
    this.#follow(() => {
      this.#lineKbps = limitKbps;
    });
  }

  /** The encode takes what the viewers' links do, and never more than the setting. */
  #followViewers(targetKbps: number): void {
    this.#follow(() => {
      this.#targetKbps = targetKbps;
    });
  }

  #follow(change: () => void): void {
    const before = this.#bitrateKbps();
    change();
    const bitrateKbps = this.#bitrateKbps();
    if (bitrateKbps === before || !this.#told) return;
    this.events.emit('bitrateFollowsViewers', { before, bitrateKbps });
    this.#deps.link.sendToMedia({ type: 'media_bitrate', payload: { bitrateKbps } });
  }

  #bitrateKbps(): number {
    const { bitrateKbps, adaptive } = this.#deps.settings().video;
    const limits = adaptive ? [this.#targetKbps, this.#lineKbps] : [];
    return Math.min(bitrateKbps, ...limits.filter((limit) => limit !== null));
  }

  /** Live needs a part that a player can fetch and, where egress is here, packets on their way. */
  #considerPicture(): void {
    const { arrives, begins, retriesAfterMs } = this.#pictures.flow;
    const starting = this.#deps.broadcast.snapshot.state === 'starting';
    if (starting ? begins : arrives) this.#deps.broadcast.seePicture(retriesAfterMs);
  }

  #judge(): void {
    const advancing = this.#deps.broadcast.snapshot.state === 'live' && this.#pictures.flow.advances;
    if (advancing === this.#advancing) return;
    this.#advancing = advancing;
    this.events.emit('advancingChanged', { advancing });
  }

  /** Also at settings and when media comes; a request that media gave up for another must not come back by itself. */
  #tellMedia(): void {
    this.#told = this.#deps.broadcast.wanted;
    if (this.#told) {
      const request = mediaRequestOf(this.#deps.settings(), this.#rtp, this.#taken());
      const video = { ...request.video, bitrateKbps: this.#bitrateKbps() };
      this.#deps.link.sendToMedia({ type: 'media_start', payload: { ...request, video } });
    } else {
      this.#deps.link.sendToMedia({ type: 'media_stop', payload: {} });
    }
  }

  #configureMedia(): void {
    const payload = mediaRequestOf(this.#deps.settings(), this.#rtp);
    this.#deps.link.sendToMedia({ type: 'media_settings', payload });
  }

  #configureEgress(): void {
    const { webrtc, video } = this.#deps.settings();
    const { engine, port, bindAddress, iceServers } = webrtc;
    const bitrate = { ceilingKbps: video.bitrateKbps, adaptive: video.adaptive };
    this.#deps.link.sendToEgress({
      type: 'egress_configure',
      payload: { engine, port, bindAddress, iceServers, bitrate },
    });
  }
}
