import { z } from 'zod';
import { listSettings, otherSettingNames } from '#core/domain/settings.ts';

export type JsonSchema = Record<string, unknown>;

/** What zod says besides: bounds that every whole number has, and the pattern of a format that is named. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

/**
 * JSON Schema 2020-12 of each, under its name; where one holds another, it refers to it.
 * @param options.at where references point: `#/components/schemas/`
 */
export function namedSchemas(
  schemas: Readonly<Record<string, z.ZodType>>,
  options: { at: string },
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const { schemas: made } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `${options.at}${id}`,
    override: tidy,
  });
  const named = Object.entries(made).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema] as const);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One schema as JSON Schema draft 7, which is what AsyncAPI's own schemas are. */
export function draft7Of(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: tidy,
  });
  return made;
}

/** What a change of the settings may hold: any of them that are not fixed, null for the default, and nothing else. */
export function settingsPatchSchema(): JsonSchema {
  const root: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };
  const others = new Map(Object.entries(otherSettingNames).map(([other, key]) => [key, other]));
  const named = listSettings().flatMap((each) => {
    const other = others.get(each.key);
    return other === undefined ? [each] : [each, { ...each, key: other }];
  });
  for (const { key, schema, meta } of named) {
    if (meta.fixed) continue;
    const path = key.split('.');
    const name = path.pop() ?? key;
    let section = root;
    for (const part of path) {
      const properties = section.properties as Record<string, JsonSchema>;
      properties[part] ??= { type: 'object', properties: {}, additionalProperties: false };
      section = properties[part];
    }
    const { $schema: _, default: __, ...made } = z.toJSONSchema(schema, { io: 'input', override: tidy });
    const description = `${meta.description}${meta.unit ? ` (${meta.unit})` : ''}`;
    (section.properties as Record<string, JsonSchema>)[name] = {
      anyOf: [made, { type: 'null' }],
      description,
      ...(meta.secret ? { writeOnly: true } : {}),
    };
  }
  return root;
}

/** The settings as they are read: described, and secrets as `{set: bool}`. */
export function readableSettings(schema: z.ZodType): JsonSchema {
  const metas = new Map(listSettings().map((setting) => [setting.schema, setting.meta]));
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io: 'output',
    override: (context) => {
      tidy(context);
      const { jsonSchema, zodSchema } = context;
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      const meta = metas.get(zodSchema as unknown as z.ZodType);
      if (!meta) return;
      if (meta.secret) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
        Object.assign(jsonSchema, {
          type: 'object',
          properties: { set: { type: 'boolean' } },
          required: ['set'],
        });
      }
      jsonSchema.description = `${meta.description}${meta.unit ? ` (${meta.unit})` : ''}`;
    },
  });
  return made;
}
