import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import { readRecordedFile } from '#core/fmp4/recorded-file.ts';
import type { RecordingBody, RecordingState } from '#core/protocol/endpoints/recordings.ts';
import type { FromOutputs } from '#core/protocol/link/outputs.ts';
import type { PanelCondition } from '#core/protocol/link/panel.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { LinkHost } from '../link/link-host.ts';

type Report = Extract<FromOutputs, { type: 'recording_report' }>['payload'];

const mebibyte = 1024 * 1024;
/** Letters, digits, dash and underscore: no path, and nothing hidden. */
const idPattern = /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,127}$/u;

const daemonAway: Problem = {
  code: 'outputs-restarting',
  message: 'The outputs service, which records, is restarting.',
  action: 'Nothing: it comes back by itself.',
};

interface RecordingsOptions {
  broadcast: Broadcast;
  link: LinkHost;
  settings: () => Settings;
  /** Recordings on the card, until the outputs service says where they are. */
  cardDirectory: string;
  /** This start of the machine. */
  bootId: string;
  /** kbit/s of picture and sound together. */
  bitrateKbps: () => number;
}

/** Where the small picture of a recorded file is. */
export const thumbnailOf = (path: string): string => path.replace(/\.mp4$/, '.jpg');

/** A recorded file that is being read. */
export interface OpenedRecording {
  file: FileHandle;
  path: string;
  bytes: number;
  /** It is being written. */
  growing: boolean;
  changedAtMs: number;
}

/** What is recorded and what was: decides when to record, lists and deletes the files. */
export class Recordings {
  readonly events = new EventHub<{
    recordingChanged: undefined;
    recordingCompleted: RecordingBody;
    /** More has been written. */
    recordingProgress: undefined;
  }>();
  readonly #options: RecordingsOptions;
  #byHand = false;
  #attempt = 0;
  #report: Report | null = null;
  #shown = '';
  /** As the outputs service said last; a control that has just started takes what it finds for known. */
  #completedId: string | null | undefined;
  /** Facts of files that have not changed since. */
  readonly #known = new Map<string, { bytes: number; body: RecordingBody }>();

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  start(): void {
    const { broadcast, link } = this.#options;
    link.events.on('joined', ({ daemon }) => {
      if (daemon === 'outputs') this.configure();
    });
    link.events.on('left', ({ daemon }) => {
      if (daemon !== 'outputs') return;
      this.#report = null;
      this.#announce();
    });
    link.events.on('outputs', (message) => {
      if (message.type === 'recording_report') this.#receive(message.payload);
    });
    broadcast.events.on('broadcastChanged', () => {
      if (!broadcast.wanted) this.#byHand = false;
      this.configure();
    });
  }

  get state(): RecordingState {
    const report = this.#report;
    const isWanted = this.#wanted;
    const away = isWanted && report === null;
    // What was asked for a moment ago, the outputs service has not said yet.
    const said = report === null || report.state === 'off' ? 'waiting' : report.state;
    return {
      state: isWanted ? said : 'off',
      reason: away ? daemonAway : (report?.reason ?? null),
      id: isWanted ? (report?.id ?? null) : null,
      durationSeconds: report?.durationSeconds ?? 0,
      storage: this.#storage,
    };
  }

  /** What the lights say: a recording is wanted, and fails. */
  get conditions(): PanelCondition[] {
    return this.#wanted && this.#report?.state === 'failed' ? ['output-failing'] : [];
  }

  /** @throws OnairError `conflict` off air, or where recording is switched off */
  startByHand(): RecordingState {
    if (this.#options.settings().recording.mode === 'off') {
      throw new OnairError('conflict', 'Recording is switched off.', {
        action: 'Set recording.mode to manual or live.',
      });
    }
    if (!this.#options.broadcast.wanted) {
      throw new OnairError('conflict', 'Nothing is on air that could be recorded.', {
        action: 'Go live first, or set recording.mode to live.',
      });
    }
    this.#byHand = true;
    if (this.#report?.state === 'failed') this.#attempt += 1;
    this.configure();
    return this.state;
  }

  /** Ends it, also where each broadcast is recorded: until the next one. */
  stop(): RecordingState {
    this.#byHand = false;
    this.#stoppedFor = this.#options.broadcast.snapshot.startTime ?? 'starting';
    this.configure();
    return this.state;
  }

  /** The newest first. */
  async list(): Promise<{ recordings: RecordingBody[]; storage: RecordingState['storage'] }> {
    const found = await Promise.all(this.#directories.map((directory) => this.#listIn(directory)));
    const recordings = found.flat().sort((one, other) => other.changedAtMs - one.changedAtMs);
    return { recordings: recordings.map(({ body }) => body), storage: this.#storage };
  }

  /** @throws OnairError `not-found`. The caller closes the file. */
  async open(id: string): Promise<OpenedRecording> {
    const path = await this.pathOf(id);
    const file = await open(path, 'r');
    const { size, mtimeMs } = await file.stat();
    return { file, path, bytes: size, growing: this.#report?.id === id, changedAtMs: mtimeMs };
  }

  /** @throws OnairError `not-found`, `conflict` while it is being written */
  async remove(id: string): Promise<void> {
    const path = await this.pathOf(id);
    if (this.#report?.id === id) {
      throw new OnairError('conflict', 'This recording is being written.', {
        action: 'End it first: onair record stop.',
      });
    }
    await rm(path);
    await rm(thumbnailOf(path), { force: true });
    this.#known.delete(path);
    this.#announce();
  }

  /** Tells the outputs service what to record. */
  configure(): void {
    const { link, settings, bootId } = this.#options;
    const { recording, broadcast } = settings();
    const { segmentMinutes, keepFreeMB, location, deleteOldest } = recording;
    const wanted = this.#wanted
      ? { title: broadcast.title, segmentMinutes, keepFreeMB, location, deleteOldest, attempt: this.#attempt }
      : null;
    link.sendToOutputs({ type: 'recording_configure', payload: { recording: wanted, bootId } });
    this.#announce();
  }

  /** The broadcast whose recording somebody ended. */
  #stoppedFor: string | null = null;

  get #wanted(): boolean {
    const { broadcast, settings } = this.#options;
    const { mode } = settings().recording;
    if (!broadcast.wanted || mode === 'off') return false;
    if (this.#byHand) return true;
    const { startTime } = broadcast.snapshot;
    return mode === 'live' && (this.#stoppedFor === null || this.#stoppedFor !== (startTime ?? 'starting'));
  }

  get #directories(): string[] {
    return this.#report?.directories ?? [this.#options.cardDirectory];
  }

  get #storage(): RecordingState['storage'] {
    const { settings, bitrateKbps } = this.#options;
    const kind = this.#report?.storage.kind ?? 'card';
    const freeBytes = this.#report?.storage.freeBytes ?? 0;
    const usableBytes = Math.max(0, freeBytes - settings().recording.keepFreeMB * mebibyte);
    const bytesPerMinute = (bitrateKbps() * 1_000 * 60) / 8;
    return { kind, freeBytes, minutesLeft: Math.floor(usableBytes / Math.max(1, bytesPerMinute)) };
  }

  async #listIn(directory: string): Promise<{ body: RecordingBody; changedAtMs: number }[]> {
    const names = await readdir(directory).catch(() => []);
    const found = await Promise.all(
      names
        .filter((name) => name.endsWith('.mp4') && idPattern.test(name.slice(0, -4)))
        .map((name) => this.#look(join(directory, name), name.slice(0, -4)).catch(() => null)),
    );
    return found.flatMap((one) => (one === null ? [] : [one]));
  }

  async #look(path: string, id: string): Promise<{ body: RecordingBody; changedAtMs: number }> {
    const { size, mtimeMs } = await stat(path);
    const growing = this.#report?.id === id;
    const known = this.#known.get(path);
    if (known?.bytes === size && !growing) return { body: known.body, changedAtMs: mtimeMs };
    const file = await open(path, 'r');
    try {
      const { createdAtMs, durationSeconds, closing } = await readRecordedFile(file);
      const body: RecordingBody = {
        id,
        startTime: createdAtMs === null ? null : new Date(createdAtMs).toISOString(),
        clock: createdAtMs === null ? 'unset' : 'set',
        durationSeconds: Math.round(durationSeconds * 1000) / 1000,
        bytes: size,
        state: growing ? 'recording' : closing === 'complete' ? 'complete' : 'recovered',
      };
      if (!growing) this.#known.set(path, { bytes: size, body });
      return { body, changedAtMs: mtimeMs };
    } finally {
      await file.close();
    }
  }

  /** @throws OnairError `not-found` */
  async pathOf(id: string): Promise<string> {
    if (idPattern.test(id)) {
      for (const directory of this.#directories) {
        const path = join(directory, `${id}.mp4`);
        const there = await stat(path).catch(() => null);
        if (there?.isFile()) return path;
      }
    }
    throw new OnairError('not-found', 'There is no such recording.', {
      subject: 'recording',
      action: 'GET /api/v1/recordings lists them.',
    });
  }

  #receive(report: Report): void {
    this.#report = report;
    this.#announce();
    this.events.emit('recordingProgress', undefined);
    const { completedId } = report;
    const isNews =
      completedId !== null && this.#completedId !== undefined && completedId !== this.#completedId;
    this.#completedId = completedId;
    if (isNews) void this.#tellCompleted(completedId);
  }

  async #tellCompleted(id: string): Promise<void> {
    const found = await this.pathOf(id)
      .then((path) => this.#look(path, id))
      .catch(() => null); // deleted, or its disk is pulled: there is nothing to tell of
    if (found) this.events.emit('recordingCompleted', found.body);
  }

  /** Tells those who show it; figures alone are no news. */
  #announce(): void {
    const { state, reason, id } = this.state;
    const shown = JSON.stringify([state, reason, id]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.events.emit('recordingChanged', undefined);
  }
}
