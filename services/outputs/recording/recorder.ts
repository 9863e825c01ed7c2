import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import { begunMark } from '#core/fmp4/begun-mark.ts';
import type { BusAudio, BusStream, BusVideo } from '#core/protocol/media-bus.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { dateRecording, RecordingFile } from './recording-file.ts';
import { clocklessName, datedName } from './recording-name.ts';
import { type RecordedFragment, RecordingPackager } from './recording-packager.ts';
import { freeBytesOf } from './storage-place.ts';

/** FAT32 ends at 4 GiB, and a file gets longer by as much as lies between two key frames before it ends. */
const maxFileBytesUnlessTold = 3_900_000_000;
/** A disk that is this far behind is too slow: what waits is thrown away, up to the next key frame. */
const maxWaitingBytes = 32 * 1024 * 1024;
const checkSpaceEveryMs = 5_000;
const mebibyte = 1024 * 1024;

export interface RecorderSettings {
  directory: string;
  /** Of the broadcast: it goes into file names. */
  title: string;
  segmentMinutes: number;
  keepFreeMB: number;
  deleteOldest: boolean;
  /** This start of the machine. */
  bootId: string;
}

export interface RecorderReport {
  state: 'waiting' | 'recording' | 'failed';
  reason: Problem | null;
  /** Of the file that is being written. */
  id: string | null;
  durationSeconds: number;
  bytes: number;
  freeBytes: number | null;
  /** The last file that was closed whole, by its final name. */
  completedId: string | null;
}

type RecorderEvents = { report: RecorderReport };

const storageFull: Problem = {
  code: 'storage-full',
  message: 'There is no room for recordings any more.',
  action: 'Delete recordings, plug in a larger disk, or let recording.deleteOldest make room.',
};
const tooSlow: Problem = {
  code: 'storage-slow',
  message: 'The disk is too slow for the recording: parts of it are missing.',
  action: 'Use a faster disk or card, or lower video.bitrateKbps.',
};

function storageFailed(error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return storageFull;
  return {
    code: 'storage-failed',
    message: `The recording cannot be written (${code || (error instanceof Error ? error.message : error)}).`,
    action: 'Check that the disk is plugged in and works; start the recording again.',
  };
}

interface Deps {
  settings: RecorderSettings;
  clock: Clock;
  clockIsSet: () => boolean;
  /** For tests: where files are split. */
  maxFileBytes?: number | undefined;
  logger: Logger;
}

/**
 * Writes what the media bus carries to files, one after the other. A disk that is full, slow, pulled or dead ends the
 * recording, says so, and touches nothing else.
 */
export class Recorder {
  readonly events = new EventHub<RecorderEvents>();
  readonly #deps: Deps;
  readonly #maxFileBytes: number;
  #stream: BusStream | null = null;
  #packager: RecordingPackager | null = null;
  #file: RecordingFile | null = null;
  #began: { monotonicMs: number; dated: boolean } | null = null;
  #work: Promise<void> = Promise.resolve();
  #waitingBytes = 0;
  /** Until a key frame comes. */
  #skipping = false;
  #failure: Problem | null = null;
  #warning: Problem | null = null;
  #freeBytes: number | null = null;
  #completedId: string | null = null;
  #cancelSpaceCheck: () => void = () => {};
  #closed = false;

  /** @param deps.clockIsSet a board without a clock shows some time long ago until the network tells */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#maxFileBytes = deps.maxFileBytes ?? maxFileBytesUnlessTold;
  }

  start(): void {
    this.#cancelSpaceCheck = this.#deps.clock.every(checkSpaceEveryMs, () =>
      this.#queue(() => this.#checkSpace()),
    );
    this.#queue(() => this.#checkSpace());
    this.#report();
  }

  /** What is encoded from now on: other pictures are another file. */
  stream(stream: BusStream): void {
    const changed = this.#stream === null || !isSameStream(this.#stream, stream);
    this.#stream = stream;
    if (changed) this.#endFile();
  }

  video(video: BusVideo): void {
    if (this.#failure || this.#stream === null || this.#closed) return;
    if (video.key && this.#isFull) this.#endFile();
    if (this.#packager === null) {
      if (!video.key) return;
      this.#begin(this.#stream);
    }
    const fragment = this.#packager?.addVideo(video) ?? null;
    if (fragment) this.#write(fragment);
  }

  audio(audio: BusAudio): void {
    this.#packager?.addAudio(audio);
  }

  /** Ends the file; resolves once it is closed. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#cancelSpaceCheck();
      this.#endFile();
    }
    await this.#work;
  }

  get report(): RecorderReport {
    const file = this.#file;
    return {
      state: this.#failure ? 'failed' : file ? 'recording' : 'waiting',
      reason: this.#failure ?? this.#warning,
      id: file ? basename(file.path, '.mp4') : null,
      durationSeconds: file?.durationSeconds ?? 0,
      bytes: file?.bytes ?? 0,
      freeBytes: this.#freeBytes,
      completedId: this.#completedId,
    };
  }

  get #isFull(): boolean {
    const file = this.#file;
    if (file === null) return false;
    const { segmentMinutes } = this.#deps.settings;
    return (
      file.durationSeconds >= segmentMinutes * 60 || file.bytes + this.#waitingBytes >= this.#maxFileBytes
    );
  }

  #begin(stream: BusStream): void {
    const packager = new RecordingPackager(stream);
    const isSet = this.#deps.clockIsSet();
    const nowMs = this.#deps.clock.nowMs();
    const monotonicMs = this.#deps.clock.monotonicMs();
    const { directory, title, bootId } = this.#deps.settings;
    this.#packager = packager;
    this.#began = { monotonicMs, dated: isSet };
    this.#queue(async () => {
      const name = isSet ? datedName(nowMs, title) : clocklessName(title);
      const header = isSet
        ? packager.init(nowMs)
        : Buffer.concat([packager.init(null), begunMark({ bootId, monotonicMs })]);
      this.#file = await RecordingFile.create(directory, name, header);
      this.#deps.logger.info({ path: this.#file.path }, 'recording');
    });
  }

  #write(fragment: RecordedFragment): void {
    if (this.#skipping && !fragment.key) return;
    this.#skipping = false;
    if (this.#waitingBytes + fragment.bytes.length > maxWaitingBytes) {
      this.#skipping = true;
      this.#warning = tooSlow;
      this.#report();
      return;
    }
    this.#waitingBytes += fragment.bytes.length;
    this.#queue(async () => {
      this.#waitingBytes -= fragment.bytes.length;
      await this.#file?.append(fragment);
      this.#report();
    });
  }

  #endFile(): void {
    const packager = this.#packager;
    const began = this.#began;
    if (packager === null) return;
    this.#packager = null;
    this.#skipping = false;
    this.#queue(async () => {
      const last = packager.flush();
      const file = this.#file;
      if (file === null) return;
      if (last) await file.append(last);
      this.#file = null;
      await file.finish();
      const dated = began && !began.dated && this.#deps.clockIsSet();
      const path = dated ? await this.#date(file.path, began.monotonicMs) : file.path;
      this.#completedId = basename(path, '.mp4');
      this.#report();
    });
  }

  /** The clock was set meanwhile: the file is named by when it really began. */
  async #date(path: string, beganMonotonicMs: number): Promise<string> {
    const startedAtMs = this.#deps.clock.nowMs() - (this.#deps.clock.monotonicMs() - beganMonotonicMs);
    const dated = await dateRecording(path, datedName(startedAtMs, this.#deps.settings.title), startedAtMs);
    this.#deps.logger.info({ path: dated }, 'the clock is set: the recording has its date now');
    return dated;
  }

  async #checkSpace(): Promise<void> {
    const { directory, keepFreeMB, deleteOldest } = this.#deps.settings;
    const free = await freeBytesOf(directory);
    this.#freeBytes = free;
    if (free === null || free >= keepFreeMB * mebibyte) return;
    if (deleteOldest && (await this.#removeOldest())) return;
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  }

  async #removeOldest(): Promise<boolean> {
    const { directory } = this.#deps.settings;
    const names = (await readdir(directory)).filter((name) => name.endsWith('.mp4'));
    const files = await Promise.all(
      names
        .map((name) => join(directory, name))
        .filter((path) => path !== this.#file?.path)
        .map(async (path) => ({ path, changedAtMs: (await stat(path)).mtimeMs })),
    );
    const oldest = files.sort((one, other) => one.changedAtMs - other.changedAtMs)[0];
    if (!oldest) return false;
    await rm(oldest.path);
    await rm(oldest.path.replace(/\.mp4$/, '.jpg'), { force: true }); // its thumbnail
    this.#deps.logger.info({ path: oldest.path }, 'the oldest recording made room');
    return true;
  }

  /** One thing after the other; the first that the disk refuses ends the recording. */
  #queue(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#failure) return;
      try {
        await step();
      } catch (error) {
        await this.#fail(error);
      }
    });
  }

  async #fail(error: unknown): Promise<void> {
    this.#failure = storageFailed(error);
    this.#deps.logger.warn({ err: error }, 'the recording ends');
    const file = this.#file;
    this.#file = null;
    this.#packager = null;
    // An index may still fit where a fragment did not; what was synced plays without one, too.
    await file?.finish().catch(() => file.abandon());
    this.#report();
  }

  #report(): void {
    this.events.emit('report', this.report);
  }
}

function isSameStream(one: BusStream, other: BusStream): boolean {
  const aac = ({ sound }: BusStream) => sound.find(({ codec }) => codec === 'aac')?.configuration ?? [];
  return (
    one.width === other.width &&
    one.height === other.height &&
    Buffer.compare(one.avcConfiguration, other.avcConfiguration) === 0 &&
    Buffer.compare(Buffer.from(aac(one)), Buffer.from(aac(other))) === 0
  );
}
