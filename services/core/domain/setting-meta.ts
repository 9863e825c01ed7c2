import type { z } from 'zod';

/** What a change of a setting takes: nothing, a new pipeline, or a new address of the box. */
export type SettingEffect = 'none' | 'pipeline' | 'address';

/** What a surface needs to show a setting; the schema itself gives type, bounds and default. */
export interface SettingMeta {
  description: string;
  unit?: string;
  effect: SettingEffect;
  /** Can be set, never read: answers carry `{set: bool}`. */
  secret?: true;
  /** What is shown of a text in it that holds a secret; one that comes back so is the one that holds. */
  mask?: (text: string) => string;
  /** Made by the box at its first start and kept. */
  fixed?: true;
}

const metaBySchema = new WeakMap<z.ZodType, SettingMeta>();

/** Attaches what people read of a setting to its schema. */
export function setting<Schema extends z.ZodType>(schema: Schema, meta: SettingMeta): Schema {
  metaBySchema.set(schema, meta);
  return schema;
}

/** What people read of a setting; undefined for what is none by itself. */
export function metaOf(schema: z.ZodType): SettingMeta | undefined {
  return metaBySchema.get(schema);
}
