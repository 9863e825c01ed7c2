import type { z } from 'zod';

/** A body that isn't JSON, by its media type. */
export interface OtherBody {
  type: string;
}

/** What stands behind one status: a JSON body by its schema, another by its media type, or none. */
export type AnswerDoc = z.ZodType | OtherBody | { description: string };

/** What the documents say of a route, beside what the route says itself (method, path, who may). */
export interface RouteDoc {
  /** The part of the API it belongs to. */
  tag: string;
  /** One line. */
  summary: string;
  /** More, where one line isn't enough. */
  description?: string;
  /** The body of the request: a schema for JSON, else its media type. */
  request?: z.ZodType | OtherBody;
  /** By status; errors are problem documents everywhere and not listed. */
  answers: Readonly<Record<number, AnswerDoc>>;
  /** Who may, where neither `operator` nor everybody is right; `box`: only on its own socket. */
  admits?: 'viewer' | 'host' | 'box';
}

export function isSchema(body: z.ZodType | OtherBody | { description: string }): body is z.ZodType {
  return 'safeParse' in body;
}
