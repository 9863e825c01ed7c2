import type { CameraControlName, CameraControls } from '#core/domain/camera.ts';
import type { Overlay } from '#core/domain/overlay.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { CameraDescription } from './camera-description.ts';

/**
 * The contract of a source process: what media tells it and what it hands over. One process delivers one source, so
 * that native code may block, crash or leak there without harm to what is on the air.
 *
 * **Life.** Media starts `dist/media-source.js` (entry `sources/main.ts`, one bundle for all kinds; each kind is a
 * module that `sources/main.ts` imports when its plan comes) and talks to it over Node's IPC channel. It sends `start`
 * once, with everything the source needs: nothing is in arguments or the environment, so that addresses with passwords
 * stay out of `ps`. The process ends with its parent (IPC `disconnect`), and is ended by SIGKILL: it has nothing to save.
 * A process that ends or fails is started again by media with a back-off as long as its source is wanted.
 *
 * **Pictures** are I420, BT.709 limited range, square pixels, exactly `plan.video.width` × `height` (scaled with
 * borders, turned by `rotate`), rows padded to 4 bytes as GStreamer lays them out, at most `framesPerSecond` a second.
 * They are handed over as they come, each with the CLOCK_MONOTONIC time (ms) at which it was captured or due: never in
 * bursts, never held back to make them even, never repeated to fill up (the encoder repeats the last one itself).
 *
 * **Sound** is S16LE, 48 kHz, stereo, interleaved, in chunks of 5 to 100 ms, each with the CLOCK_MONOTONIC time of its
 * first sample. A source without sound sends none; one whose sound pauses just stops sending.
 *
 * Both go out by `FrameOutput` (`frame-output.ts`): pictures through a ring of slots in a file in memory
 * (`plan.framesPath`), their notices and the sound over a Unix socket (`plan.socketPath`) on which the process listens
 * and to which the encoder connects, again and again as encoders come and go. Handing over never blocks and never
 * fails: with no encoder connected, frames go nowhere.
 *
 * **States** go to media over IPC, each as `state` with what is true now:
 * - `playing`: the first picture (or sound, for a source of sound) is out, or its nature changed. `video.framesPerSecond`
 *   is the source's own rate (a clip's, a camera's mode), from which media knows how long it may be silent;
 *   `video.width` × `height` is its own size before scaling, for people.
 * - `waiting`: it is well, and nobody publishes to it (rtmp, srt, whip), or an address is being connected to. `reason`
 *   may say why, such as an RTSP camera that does not answer.
 * - `failed`: it cannot go on; the process exits after that. `reason` comes from `reasonOf(code, detail)` in
 *   `reasons.ts`, where every code stands; `isPermanent` codes are not tried again by themselves.
 * Errors of GStreamer elements need not be caught: media reads them from stderr (`GST_DEBUG`), as `source-…` reasons.
 * Nothing has to be said when pictures stop: the encoder sees it (no fresh frame for max(1 s, 5 frame intervals)). The
 * overlay's come only when they change: its process says `alive` each second, and is started again where it does not.
 */
export type SourceKind = 'csi' | 'v4l2' | 'file' | 'test' | 'rtsp' | 'srt' | 'rtmp' | 'whip';

/** Where a source's frames come from. Each kind of source process takes one of these. */
export type SourceAddress =
  | { kind: 'test' }
  | { kind: 'file'; path: string }
  | { kind: 'v4l2'; device: string }
  | { kind: 'csi' }
  /** Sound alone: `alsasrc`'s device, or the beep at each full second. */
  | { kind: 'microphone'; device: string }
  | { kind: 'beep' }
  /** A still picture, delivered once a second: the operator's own slate. */
  | { kind: 'image'; path: string }
  /**
   * What is drawn over the pictures, delivered when it changes: `plan.video.height` is twice the picture's, the colours
   * (premultiplied) above, their opacity as luma below.
   */
  | { kind: 'overlay'; overlay: Overlay }
  /** Pulled: `rtsp://…`, `srt://…` (caller), with user and password where there are any. */
  | { kind: 'rtsp' | 'srt-caller'; url: string }
  /** Published to by others; the process that listens is the ingest's. */
  | { kind: 'rtmp' | 'srt' | 'whip' };

export type CameraAddress = Extract<SourceAddress, { kind: 'v4l2' | 'csi' }>;

export interface SourcePlan {
  /** As in `GET /api/v1/sources`. */
  id: string;
  address: SourceAddress;
  video: { width: number; height: number; framesPerSecond: number; rotate: 0 | 90 | 180 | 270 };
  /** False: its own sound is not wanted, and need not be decoded. */
  sound: boolean;
  /** Failures in a row before this start. */
  attempt: number;
  /** Where it listens, and the file it makes; both in a folder of media's own in memory. */
  socketPath: string;
  framesPath: string;
}

/** Media → source process. */
export type ToSource =
  | { type: 'start'; plan: SourcePlan }
  /**
   * What its frames are for at the moment: `off` nobody looks (a listener need not decode), `warm` they must be ready
   * to be cut to, `on-air` they are shown. Sent after `start` and on each change; a source may ignore it.
   */
  | { type: 'use'; use: 'off' | 'warm' | 'on-air' }
  /** Another overlay: the process goes on. */
  | { type: 'overlay'; overlay: Overlay }
  /** What is set of a camera, after `start` and on each change. */
  | { type: 'controls'; controls: CameraControls }
  /** In place of `start`: what does this camera offer? */
  | { type: 'describe'; camera: CameraAddress };

export interface SourceState {
  state: 'waiting' | 'playing' | 'failed';
  video: { width: number; height: number; framesPerSecond: number } | null;
  sound: boolean;
  reason: Problem | null;
}

/** Source process → media. */
export type FromSource =
  /** Its code is loaded: a plan may come. */
  | { type: 'warm' }
  | ({ type: 'state' } & SourceState)
  /** What the camera refused of the controls that were set last. */
  | { type: 'controls-refused'; refused: CameraControlName[] }
  /** A process whose pictures do not come by themselves (the overlay's) says each second that it is well. */
  | { type: 'alive' }
  /** Answers `describe`; null where it can't be known. */
  | { type: 'described'; description: CameraDescription | null };

/** What a source's module has to write to; `sources/main.ts` provides it. */
export interface SourceContext {
  plan: SourcePlan;
  /** @param bytes one picture as described above; free for reuse once this returns */
  picture(bytes: Buffer, capturedMs: number): void;
  sound(bytes: Buffer, capturedMs: number): void;
  state(state: SourceState): void;
  alive(): void;
  /** Of the controls that were set last. */
  refused(controls: CameraControlName[]): void;
}

/** One kind of source; `open` is what its module exports: `export function openTest(context): Source`. */
export interface Source {
  /** @throws ReasonError where it cannot be; any other error is `pipeline-failed` */
  start(): Promise<void>;
  use?(use: 'off' | 'warm' | 'on-air'): void;
  setOverlay?(overlay: Overlay): void;
  setControls?(controls: CameraControls): void;
}
