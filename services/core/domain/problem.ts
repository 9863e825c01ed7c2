import { z } from 'zod';

/** Something that is not as it should be, or why it is so: for programs (`code`) and for people (what is wrong, what to do). */
export const problem = z.object({
  /** kebab-case, stable. */
  code: z.string(),
  /** What is wrong, and where, in a sentence. */
  message: z.string(),
  /** What to do about it, in a sentence. */
  action: z.string(),
});
export type Problem = z.infer<typeof problem>;
