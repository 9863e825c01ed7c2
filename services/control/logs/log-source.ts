import type { LogLine } from '#core/protocol/endpoints/care.ts';

/** Which lines somebody wants. */
export interface LogWanted {
  /** The latest so many. */
  lines: number;
  /** Of this daemon only; null is all. */
  daemon: string | null;
}

/** Where the daemons' logs are: the journal of the box, or the files of `onair demo`. One contract suite for both. */
export interface LogSource {
  /** The oldest first. @throws OnairError `unavailable` where they can't be read */
  latest(wanted: LogWanted): Promise<LogLine[]>;
  /**
   * The latest, then each as it comes.
   * @param onEnd it can't go on: nothing comes any more
   * @returns ends it
   */
  follow(wanted: LogWanted, onLine: (line: LogLine) => void, onEnd: () => void): () => void;
}
