import type { FrameFanOut } from '../engine.ts';
import { BacklogFilter } from './backlog-filter.ts';
import { FrameAssembler } from './frame-assembler.ts';
import type { FrameViewerStream } from './frame-viewer-stream.ts';
import { RandomAccess, unmarkHeaders } from './h264-payload.ts';
import type { MediaKind } from './packet.ts';
import { inputFormat, readSequence, readSsrc, readTimestamp, writeSsrc, writeTimestamp } from './packet.ts';
import { PacketRing } from './packet-ring.ts';
import type { SessionClock } from './session-clock.ts';
import { StreamTimeline } from './stream-timeline.ts';
import type { StreamLabels, ViewerStream } from './viewer-stream.ts';

/**
 * A viewer may begin on the last key frame if it is younger than this: so none waits where there is one each second,
 * even if the encoder makes none on demand. From an older one the burst would be long, over the air and to decode.
 */
const maxStartAgeMs = 1_100;
/** When a viewer offers, a key frame older than this is not waited with: a new one makes its burst short. */
const readyAgeMs = 250;

interface Deps {
  clock: SessionClock;
  labels: StreamLabels;
  onKeyFrame: () => void;
  keyFrameNeeded?: () => void;
}

/** One encode in, many viewers out. */
export class FanOut {
  readonly ring = new PacketRing();
  readonly #deps: Deps;
  readonly #video: StreamTimeline;
  readonly #audio: StreamTimeline;
  readonly #randomAccess = new RandomAccess();
  readonly #viewers = new Set<ViewerStream>();
  readonly #frameViewers = new Set<FrameViewerStream>();
  readonly #backlog: BacklogFilter;
  #frames: FrameFanOut | null = null;
  #assembler: FrameAssembler | null = null;
  #keyFrameAtMs = Number.NEGATIVE_INFINITY;
  #leftOutBefore = 0;

  /** Packets accepted from media. */
  videoPackets = 0;
  audioPackets = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#backlog = new BacklogFilter(deps.keyFrameNeeded ?? (() => {}));
    this.#video = new StreamTimeline(deps.clock, inputFormat.video.clockRate, randomUint32());
    this.#audio = new StreamTimeline(deps.clock, inputFormat.audio.clockRate, randomUint32());
  }

  /** Pictures that no viewer was sent since they had waited for too long, since this was asked last. */
  takeLeftOutPictures(): number {
    const { dropped } = this.#backlog;
    const since = dropped - this.#leftOutBefore;
    this.#leftOutBefore = dropped;
    return since;
  }

  get labels(): StreamLabels {
    return this.#deps.labels;
  }

  /** A viewer who is about to connect will find a key frame to begin on. */
  get hasKeyFrameReady(): boolean {
    return this.#deps.clock.nowMs() - this.#keyFrameAtMs <= readyAgeMs;
  }

  /** The wall clock of sender reports. */
  wallClockMs(): number {
    return this.#deps.clock.wallClockMs();
  }

  /** The engine takes whole frames for all viewers at once. */
  sendFramesTo(frames: FrameFanOut): void {
    this.#frames = frames;
    let leftOutPackets = 0;
    let nextIndex: number | null = null;
    let isBehind = false;
    this.#assembler = new FrameAssembler((frame, mediaMs) => {
      nextIndex ??= frame.index;
      if (!this.#backlog.accept(mediaMs, this.#deps.clock.nowMs(), frame.isKey)) {
        isBehind = true;
        return;
      }
      // Numbers go on without a gap where pictures were left out: a viewer would ask for them, and blame the network.
      if (isBehind) leftOutPackets += frame.index - nextIndex;
      isBehind = false;
      nextIndex = frame.index + (frame.places.at(-1) ?? 0) + 1;
      frames.send({ ...frame, index: frame.index - leftOutPackets });
    });
  }

  /** As `add`, for a viewer of an engine that fans out by itself. */
  addFrameViewer(viewer: FrameViewerStream): void {
    this.#frameViewers.add(viewer);
    viewer.attach(this.#deps.clock.nowMs() - this.#keyFrameAtMs <= maxStartAgeMs);
    if (viewer.started) this.#report(viewer);
  }

  /** From now on the viewer is sent everything, beginning with a key frame: the last one, or the next. */
  add(viewer: ViewerStream): void {
    this.#viewers.add(viewer);
    if (this.#deps.clock.nowMs() - this.#keyFrameAtMs <= maxStartAgeMs) this.#start(viewer);
  }

  remove(viewer: ViewerStream | FrameViewerStream): void {
    this.#viewers.delete(viewer as ViewerStream);
    this.#frameViewers.delete(viewer as FrameViewerStream);
  }

  /** Takes one packet that passed `isInputPacket`; it is written to. */
  take(kind: MediaKind, packet: Buffer): void {
    if (kind === 'video') this.#takeVideo(packet);
    else this.#takeAudio(packet);
  }

  /** Once a second. */
  report(): void {
    for (const viewer of this.#viewers) {
      viewer.renewAllowance();
      if (viewer.started) this.#report(viewer);
    }
    for (const viewer of this.#frameViewers) if (viewer.started) this.#report(viewer);
  }

  #start(viewer: ViewerStream): void {
    if (!viewer.start(this.#randomAccess.startIndex)) return;
    this.#report(viewer);
  }

  /** Session time is one clock for both streams, so both reports name the same moment: the one captured now. */
  #report(viewer: ViewerStream | FrameViewerStream): void {
    const ticks = this.#deps.clock.capturingTicks();
    const wallClockMs = this.#deps.clock.wallClockMs();
    viewer.report(wallClockMs, this.#video.timestampAt(ticks), this.#audio.timestampAt(ticks));
  }

  #takeVideo(packet: Buffer): void {
    const video = this.#video;
    if (!video.place(readSsrc(packet), readSequence(packet), readTimestamp(packet))) return;
    this.videoPackets += 1;
    unmarkHeaders(packet);
    writeTimestamp(packet, video.timestamp);
    writeSsrc(packet, this.#deps.labels.videoSsrc);
    const { index, timestamp } = video;
    // Viewers of an engine that fans out by itself need nothing kept here.
    const isShared = this.#assembler === null || this.#viewers.size > 0;
    const shared = isShared ? this.ring.store(index, packet) : packet;
    for (const viewer of this.#viewers) if (viewer.started) viewer.sendVideo(shared, index);
    const isKey = this.#randomAccess.push(shared, index, timestamp);
    this.#assembler?.push(shared, index, timestamp, isKey);
    if (!isKey) return;
    this.#keyFrameAtMs = this.#deps.clock.nowMs();
    this.#deps.onKeyFrame();
    for (const viewer of this.#viewers) if (!viewer.started) this.#start(viewer);
    for (const viewer of this.#frameViewers) if (!viewer.started) this.#begin(viewer);
  }

  #begin(viewer: FrameViewerStream): void {
    viewer.begin();
    this.#report(viewer);
  }

  #takeAudio(packet: Buffer): void {
    const audio = this.#audio;
    if (!audio.place(readSsrc(packet), readSequence(packet), readTimestamp(packet))) return;
    this.audioPackets += 1;
    writeTimestamp(packet, audio.timestamp);
    writeSsrc(packet, this.#deps.labels.audioSsrc);
    for (const viewer of this.#viewers) viewer.sendAudio(packet, audio.index);
    this.#frames?.send({
      kind: 'audio',
      isKey: false,
      index: audio.index,
      spreadMs: 0,
      packets: [packet],
      places: [0],
    });
  }
}

const randomUint32 = (): number => Math.floor(Math.random() * 2 ** 32);
