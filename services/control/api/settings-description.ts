import { z } from 'zod';
import { listSettings } from '#core/domain/settings.ts';
import type { SettingsSchemaBody } from '#core/protocol/endpoints/settings.ts';

type Described = SettingsSchemaBody['settings'][number];

/** As much of JSON Schema as zod makes of a setting. */
interface JsonSchema {
  type?: string;
  anyOf?: JsonSchema[];
  const?: unknown;
  enum?: unknown[];
  items?: JsonSchema;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
}

/** Every setting as a surface needs it to show and check it, from the one schema. */
export function describeSettings(): Described[] {
  return listSettings().map(({ key, meta, schema }) => {
    const { default: byDefault = null, ...stated } = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
    const alternatives = flatten(stated);
    const values = alternatives.filter(({ type }) => type !== 'null');
    const choices = choicesOf(values);
    const [value = {}] = values;
    return {
      key,
      type: choices ? 'choice' : typeOf(value),
      nullable: alternatives.length > values.length,
      description: meta.description,
      ...(meta.unit ? { unit: meta.unit } : {}),
      default: byDefault,
      ...(choices ? { choices } : values.length === 1 ? boundsOf(value) : {}),
      secret: meta.secret === true,
      fixed: meta.fixed === true,
      effect: meta.effect,
    };
  });
}

/** What a value may be, one alternative each. */
function flatten(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf ? schema.anyOf.flatMap(flatten) : [schema];
}

/** Null unless each alternative is one of some fixed values. */
function choicesOf(values: JsonSchema[]): (string | number)[] | null {
  const fixed = values.flatMap((value) => value.enum ?? ('const' in value ? [value.const] : [undefined]));
  const choices = fixed.filter((value) => typeof value === 'string' || typeof value === 'number');
  return choices.length === fixed.length ? choices : null;
}

function typeOf({ type }: JsonSchema): Described['type'] {
  switch (type) {
    case 'integer':
    case 'number':
    case 'boolean':
    case 'object':
      return type;
    case 'array':
      return 'list';
    default:
      return 'string';
  }
}

function boundsOf(value: JsonSchema): Partial<Described> {
  const { minimum, maximum, multipleOf: step, minLength, maxLength, maxItems } = value;
  // The pattern of a format is zod's own, and longer than anybody wants to read.
  const pattern = value.format === undefined ? value.pattern : undefined;
  const items = value.items === undefined ? undefined : typeOf(value.items);
  const bounds = { minimum, maximum, step, minLength, maxLength, maxItems, pattern, items };
  return Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bound !== undefined));
}
