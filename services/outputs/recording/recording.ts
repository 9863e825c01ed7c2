import { type ChildProcess, fork } from 'node:child_process';
import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { FromOutputs, ToOutputs } from '#core/protocol/link/outputs.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import { timeIsKnown, versionMadeMs } from '#core/runtime/known-time.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import { dateLate } from './late-dates.ts';
import type { RecorderReport } from './recorder.ts';
import { freeBytesOf, type StoragePlace, storagePlaces } from './storage-place.ts';

type Configuration = Extract<ToOutputs, { type: 'recording_configure' }>['payload'];
type Wanted = Configuration['recording'];
export type RecordingReport = Extract<FromOutputs, { type: 'recording_report' }>['payload'];

/** How soon a disk that is plugged in or pulled is noticed. */
const lookEveryMs = 1_000;
/** A recorder at a disk that hangs is left to the kernel after this. */
const killAfterMs = 3_000;

const noDisk: Problem = {
  code: 'no-usb-disk',
  message: 'No USB disk is plugged in.',
  action: 'Plug one in (ext4, exFAT or FAT32), or set recording.location to auto.',
};
const diskPulled: Problem = {
  code: 'disk-pulled',
  message: 'The USB disk was pulled out while it was recorded to: the recording has ended.',
  action:
    'Plug a disk in and start the recording again. What was written up to the last second is on the disk.',
};
const recorderFell: Problem = {
  code: 'recorder-restarting',
  message: 'The recorder has stopped and is restarting.',
  action: 'Nothing: it comes back by itself.',
};

interface RecordingOptions {
  /** The bundle of recorder-process.ts. */
  program: string;
  mediaSocket: string;
  cardDirectory: string;
  disksDirectory: string;
  onReport: (report: RecordingReport) => void;
  clock: Clock;
  logger: Logger;
}

/** Keeps a recorder at work while one is wanted, and says how it is doing. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #backOff = new BackOff({ firstMs: 500, maxMs: 10_000 });
  #wanted: Wanted = null;
  #child: ChildProcess | null = null;
  #places: { chosen: StoragePlace | null; all: StoragePlace[] } = { chosen: null, all: [] };
  #latest: RecorderReport | null = null;
  #reason: Problem | null = null;
  /** Where the next recording goes. */
  #freeBytes: number | null = null;
  #completedId: string | null = null;
  #cancelRetry: () => void = () => {};
  readonly #queue = new SerialQueue();
  #closed = false;
  /** Where the recorder writes. */
  #place: StoragePlace | null = null;
  #stopLooking: () => void = () => {};
  #bootId: string | null = null;
  /** Files may be there that were begun without a clock. */
  #datesDue = true;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopLooking = this.#options.clock.every(lookEveryMs, () => {
      void this.#queue.run(() => this.#lookAgain());
    });
  }

  /** Records by this, or not at all. A recording that is under way and is wanted as it is goes on untouched. */
  configure({ recording: wanted, bootId }: Configuration): void {
    this.#bootId = bootId;
    const same = JSON.stringify(wanted) === JSON.stringify(this.#wanted);
    this.#wanted = wanted;
    void this.#queue.run(async () => {
      if (same && (wanted === null || this.#child !== null)) {
        await this.#look(wanted?.location ?? 'auto');
        this.#report();
        return;
      }
      this.#cancelRetry();
      await this.#end();
      this.#reason = null;
      this.#latest = null;
      await this.#look(wanted?.location ?? 'auto');
      if (this.#wanted !== null) this.#begin(this.#wanted);
      this.#report();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopLooking();
    this.#cancelRetry();
    this.#wanted = null;
    await this.#end();
  }

  async #look(location: 'auto' | 'usb' | 'card'): Promise<void> {
    const { cardDirectory, disksDirectory } = this.#options;
    this.#places = await storagePlaces({ location, cardDirectory, disksDirectory });
    const { chosen } = this.#places;
    this.#freeBytes = chosen && (await freeBytesOf(chosen.directory));
  }

  /** Disks come and go: one that was waited for is used, one that is gone ends its recording. */
  async #lookAgain(): Promise<void> {
    if (this.#closed) return;
    const before = JSON.stringify(this.#places);
    const wanted = this.#wanted;
    await this.#look(wanted?.location ?? 'auto');
    if (JSON.stringify(this.#places) !== before) this.#datesDue = true;
    await this.#dateLate();
    if (JSON.stringify(this.#places) === before) return;
    const place = this.#place;
    const isGone =
      place?.kind === 'usb' && !this.#places.all.some(({ directory }) => directory === place.directory);
    if (isGone && this.#child !== null) {
      this.#options.logger.warn({ directory: place.directory }, 'the disk is gone, the recording ends');
      this.#reason = diskPulled;
      this.#latest = null;
      await this.#end();
    } else if (wanted !== null && this.#child === null && this.#reason === noDisk) {
      this.#reason = null;
      this.#begin(wanted);
    }
    this.#report();
  }

  /** The network tells the time only after a while: what was recorded before gets its date then. */
  async #dateLate(): Promise<void> {
    const { clock, logger, program } = this.#options;
    if (!this.#datesDue || this.#bootId === null) return;
    if (!timeIsKnown({ nowMs: clock.nowMs(), notBeforeMs: versionMadeMs(program) })) return;
    this.#datesDue = false;
    const directories = this.#places.all.map(({ directory }) => directory);
    await dateLate({ directories, except: this.#latest?.id ?? null, bootId: this.#bootId, clock, logger });
  }

  #begin(wanted: NonNullable<Wanted>): void {
    const place = this.#places.chosen;
    if (this.#closed) return;
    if (place === null) {
      this.#reason = noDisk;
      return;
    }
    this.#place = place;
    const { program, mediaSocket, logger } = this.#options;
    const child = fork(program, [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: process.execArgv,
    });
    this.#child = child;
    child.on('message', (message) => {
      const report = message as RecorderReport;
      if (report.id !== this.#latest?.id) this.#datesDue = true; // another file: those before it are closed
      this.#completedId = report.completedId ?? this.#completedId; // also of one that is asked to end
      if (this.#child !== child) return;
      this.#latest = report;
      this.#reason = null;
      if (this.#latest.state === 'recording') this.#backOff.reset();
      this.#report();
    });
    child.on('error', (error) => logger.warn({ err: error }, 'the recorder cannot start'));
    child.on('exit', (code, signal) => {
      this.#datesDue = true; // one that was killed leaves its file as it is, and the next repairs it
      if (this.#child !== child) return;
      this.#child = null;
      this.#latest = null;
      if (this.#wanted === null || this.#closed) return;
      logger.warn({ code, signal }, 'the recorder ended');
      this.#reason = recorderFell;
      this.#report();
      this.#cancelRetry = this.#options.clock.after(this.#backOff.next(), () => {
        if (this.#wanted !== null && this.#child === null) this.#begin(this.#wanted);
      });
    });
    const { location: _, ...settings } = wanted;
    child.send(
      {
        ...settings,
        directory: place.directory,
        mediaSocket,
        bootId: this.#bootId ?? '',
        notBeforeMs: versionMadeMs(program),
      },
      () => {}, // where it cannot be sent, the child is ending
    );
  }

  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.send('stop', () => {});
    const timer = setTimeout(() => signalChild(child, 'SIGKILL'), killAfterMs);
    await gone;
    clearTimeout(timer);
  }

  #report(): void {
    const { chosen, all } = this.#places;
    const latest = this.#latest;
    this.#options.onReport({
      state:
        this.#wanted === null ? 'off' : this.#reason && !latest ? 'failed' : (latest?.state ?? 'waiting'),
      reason: this.#reason ?? latest?.reason ?? null,
      id: latest?.id ?? null,
      durationSeconds: latest?.durationSeconds ?? 0,
      bytes: latest?.bytes ?? 0,
      completedId: this.#completedId,
      directories: all.map(({ directory }) => directory),
      storage: { kind: chosen?.kind ?? 'usb', freeBytes: latest?.freeBytes ?? this.#freeBytes },
    });
  }
}
