import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Recordings } from './recordings.ts';
import { ReplayIndex, type ReplaySegment, replayTargetDurationSeconds } from './replay-index.ts';

/** Six hours: beyond that the list slides. */
const maxSegments = 5_400;
/** A file of the running broadcast may have been begun so long before the first picture was seen. */
const earlyMs = 10_000;
/** Two files that follow each other are one timeline, though their headers know whole seconds only. */
const sameTimelineMs = 2_500;

interface ReplayFile {
  id: string;
  index: ReplayIndex;
  /** Of its first picture, milliseconds since the epoch. */
  startedAtMs: number;
}

interface ReplayOptions {
  recordings: Pick<Recordings, 'state' | 'list' | 'open' | 'events'>;
  broadcast: Pick<Broadcast, 'snapshot' | 'wanted' | 'events'>;
  /** `viewing.replay` */
  enabled: () => boolean;
  clock: Clock;
}

/**
 * The running broadcast as far back as its recording reaches, as an HLS playlist over the recorded files (EVENT, RFC 8216,
 * 4.3.3.5): what is written already is served as it lies on the disk.
 */
export class Replay {
  /** There is a replay now, or none any more. */
  readonly events = new EventHub<{ replayChanged: undefined }>();
  readonly #options: ReplayOptions;
  #files: ReplayFile[] = [];
  /** Segments that slid out, and discontinuities among them. */
  #gone = { segments: 0, discontinuities: 0 };
  #turn: Promise<void> = Promise.resolve();
  #underWay = false;
  #again = false;
  #fromMs: number | null = null;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  start(): void {
    const { recordings, broadcast } = this.#options;
    recordings.events.on('recordingProgress', () => this.#follow());
    broadcast.events.on('broadcastChanged', ({ current }) => {
      if (current.state === 'live' || current.state === 'retrying') return;
      this.#files = [];
      this.#gone = { segments: 0, discontinuities: 0 };
      this.#note();
    });
  }

  /** Since when viewers can go back, milliseconds since the epoch; null where they can't further than the live window. */
  get fromMs(): number | null {
    const file = this.#isOffered ? this.#files.find(({ index }) => index.segments.length > 0) : undefined;
    return file ? file.startedAtMs + (file.index.segments[0]?.startSeconds ?? 0) * 1_000 : null;
  }

  /** @throws OnairError `not-found` */
  playlist(): string {
    if (this.fromMs === null) throw noReplay();
    const slides = this.#gone.segments > 0;
    const lines = [
      '#EXTM3U',
      '#EXT-X-VERSION:6',
      `#EXT-X-TARGETDURATION:${replayTargetDurationSeconds}`,
      `#EXT-X-MEDIA-SEQUENCE:${this.#gone.segments}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${this.#gone.discontinuities}`,
      ...(slides ? [] : ['#EXT-X-PLAYLIST-TYPE:EVENT']),
    ];
    let first = true;
    for (const { id, index, startedAtMs } of this.#files) {
      let mapped = false;
      const folder = `replay/${encodeURIComponent(id)}`;
      for (const { start, end, startSeconds, durationSeconds, discontinuity } of index.segments) {
        if ((discontinuity || !mapped) && !first) lines.push('#EXT-X-DISCONTINUITY');
        if (!mapped) lines.push(`#EXT-X-MAP:URI="${folder}/0-${index.initEnd}.mp4"`);
        if (!mapped || discontinuity) {
          const date = new Date(startedAtMs + startSeconds * 1_000).toISOString();
          lines.push(`#EXT-X-PROGRAM-DATE-TIME:${date}`);
        }
        lines.push(`#EXTINF:${durationSeconds.toFixed(5)},`, `${folder}/${start}-${end}.mp4`);
        mapped = true;
        first = false;
      }
    }
    return `${lines.join('\n')}\n`;
  }

  /**
   * A slice of a file that the playlist names. The caller closes the file.
   * @param end exclusive
   * @throws OnairError `not-found`
   */
  async open(id: string, start: number, end: number): Promise<FileHandle> {
    const found = this.#isOffered ? this.#files.find((each) => each.id === id) : undefined;
    const isNamed =
      (start === 0 && end === found?.index.initEnd) ||
      found?.index.segments.some((segment) => segment.start === start && segment.end === end);
    if (!found || !isNamed) throw noReplay();
    return (await this.#options.recordings.open(id)).file;
  }

  get #isOffered(): boolean {
    const { broadcast, recordings, enabled } = this.#options;
    const { state } = recordings.state; // waiting: between two files
    return enabled() && broadcast.wanted && (state === 'recording' || state === 'waiting');
  }

  /** One look at a time: a disk that is slow must not gather readers. */
  #follow(): void {
    this.#again = true;
    if (this.#underWay) return;
    this.#underWay = true;
    this.#turn = (async () => {
      while (this.#again) {
        this.#again = false;
        await this.#look().catch(() => {}); // a pulled disk: the recording ends, and the replay with it
      }
      this.#underWay = false;
      this.#note();
    })();
  }

  /** The look that is under way. */
  get settled(): Promise<void> {
    return this.#turn;
  }

  async #look(): Promise<void> {
    const { recordings, broadcast } = this.#options;
    const { id } = recordings.state;
    const startTime = broadcast.snapshot.startTime;
    if (id === null || startTime === null || !broadcast.wanted) return;
    if (this.#files.length === 0) await this.#findEarlier(Date.parse(startTime));
    if (!this.#files.some((file) => file.id === id)) {
      // The one before has got its end meanwhile.
      const before = this.#files.at(-1);
      if (before) await this.#advance(before);
      this.#files.push({ id, index: new ReplayIndex(), startedAtMs: 0 });
    }
    const newest = this.#files.at(-1);
    if (newest) await this.#advance(newest);
    this.#slide();
  }

  /** A control that has just come back finds what was recorded before. */
  async #findEarlier(startedAtMs: number): Promise<void> {
    const { recordings } = await this.#options.recordings.list();
    const earlier = recordings
      .filter(({ startTime, state }) => startTime !== null && state !== 'recording')
      .filter(({ startTime }) => Date.parse(startTime ?? '') >= startedAtMs - earlyMs)
      .sort((one, other) => Date.parse(one.startTime ?? '') - Date.parse(other.startTime ?? ''));
    for (const { id } of earlier) {
      const file: ReplayFile = { id, index: new ReplayIndex(), startedAtMs: 0 };
      await this.#advance(file);
      this.#files.push(file);
    }
  }

  async #advance(file: ReplayFile): Promise<void> {
    const opened = await this.#options.recordings.open(file.id).catch((error) => {
      // Deleted, or named after its date meanwhile: it is not offered any more.
      this.#files = this.#files.filter((each) => each !== file);
      throw error;
    });
    try {
      await file.index.advance(opened.file);
    } finally {
      await opened.file.close();
    }
    if (file.startedAtMs !== 0) return;
    const at = this.#files.indexOf(file);
    const before = at === -1 ? this.#files.at(-1) : this.#files[at - 1];
    const { createdAtMs } = file.index;
    const saidMs = createdAtMs ?? this.#options.clock.nowMs() - file.index.durationSeconds * 1_000;
    const goesOnMs = before ? before.startedAtMs + before.index.durationSeconds * 1_000 : null;
    const isSame = goesOnMs !== null && Math.abs(goesOnMs - saidMs) < sameTimelineMs;
    file.startedAtMs = isSame && goesOnMs !== null ? goesOnMs : saidMs;
  }

  #slide(): void {
    let count = this.#files.reduce((sum, { index }) => sum + index.segments.length, 0);
    for (; count > maxSegments; count -= 1) {
      const [file] = this.#files;
      if (!file) return;
      file.index.segments.shift();
      this.#gone.segments += 1;
      const next: ReplaySegment | undefined = file.index.segments[0];
      if (!next) this.#files.shift();
      if (!next || next.discontinuity) this.#gone.discontinuities += 1;
    }
  }

  #note(): void {
    const { fromMs } = this;
    if (fromMs === this.#fromMs) return;
    this.#fromMs = fromMs;
    this.events.emit('replayChanged', undefined);
  }
}

function noReplay(): OnairError {
  return new OnairError('not-found', 'There is no replay now.', {
    subject: 'replay',
    action: 'Viewers can go back further while the broadcast is recorded (viewing.replay).',
  });
}
