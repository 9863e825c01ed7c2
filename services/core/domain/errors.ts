/**
 * The one taxonomy of errors (design.md, "Surfaces"). Each dialect renders it in its own words and codes;
 * anything that is not one of these is a bug and goes out as `internal`, without its stack.
 */
export type ErrorCode =
  | 'invalid-message'
  | 'unknown-command'
  | 'not-found'
  | 'conflict'
  | 'full'
  | 'unauthorized'
  | 'forbidden'
  | 'rate-limited'
  | 'version-mismatch'
  | 'unavailable';

/** An error that somebody can fix: says what is wrong, and what to do where that isn't plain. */
export class OnairError extends Error {
  readonly code: ErrorCode;
  /** What was looked for, or which part is at fault: "stream", "video.source". */
  readonly subject: string | null;
  /** What to do about it. */
  readonly action: string | null;
  /** After how long it is worth trying again. */
  readonly retryAfterSeconds: number | null;
  /** Figures for programs, where a dialect has a place for them. */
  readonly details: Readonly<Record<string, number | string>> | null;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      subject?: string;
      action?: string;
      retryAfterSeconds?: number;
      details?: Readonly<Record<string, number | string>>;
    } = {},
  ) {
    super(message);
    this.name = 'OnairError';
    this.code = code;
    this.subject = more.subject ?? null;
    this.action = more.action ?? null;
    this.retryAfterSeconds = more.retryAfterSeconds ?? null;
    this.details = more.details ?? null;
  }
}
