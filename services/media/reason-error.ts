import type { Problem } from '#core/domain/problem.ts';
import { type ReasonCode, reasonOf } from './reasons.ts';

/** A request or a pipeline that cannot go on, with the reason in words for people. */
export class ReasonError extends Error {
  readonly reason: Problem;

  constructor(reason: Problem) {
    super(reason.message);
    this.reason = reason;
  }

  static of(code: ReasonCode, detail?: string): ReasonError {
    return new ReasonError(reasonOf(code, detail));
  }
}
