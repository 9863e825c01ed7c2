import type { JsonSchema } from '#control/documents/json-schemas.ts';

/** One row of a table of fields. */
export interface Field {
  /** "data.streamInfo.bitrate"; `[]` stands for each of a list. */
  path: string;
  type: string;
  required: boolean;
}

/** Every field of an object, those inside others below them. */
export function fieldsOf(schema: JsonSchema, path = ''): Field[] {
  const required = new Set((schema.required as string[] | undefined) ?? []);
  const properties = Object.entries((schema.properties as Record<string, JsonSchema> | undefined) ?? {});
  return properties.flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [{ path: at, type: typeOf(inner), required: required.has(name) }, ...innerFields(inner, at)];
  });
}

function innerFields(schema: JsonSchema, path: string): Field[] {
  if (schema.type === 'array') return innerFields(schema.items as JsonSchema, `${path}[]`);
  const ways = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  return ways ? ways.flatMap((way) => innerFields(way, path)) : fieldsOf(schema, path);
}

/** "string, 1 to 64 characters" */
export function typeOf(schema: JsonSchema): string {
  if (schema.$ref)
    return `[${String(schema.$ref).split('/').at(-1)}](#${String(schema.$ref).split('/').at(-1)?.toLowerCase()})`;
  if ('const' in schema) return code(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map(code).join(', ');
  const ways = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (ways) return ways.map(typeOf).join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items as JsonSchema)}${countOf(schema)}`;
  const format = typeof schema.format === 'string' ? formats[schema.format] : undefined;
  const name = format ?? (typeof schema.type === 'string' ? schema.type : 'anything');
  return `${name}${boundsOf(schema, name)}`;
}

const formats: Record<string, string> = { 'date-time': 'ISO 8601 time', uuid: 'UUID', uri: 'URL' };

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function countOf({ maxItems }: JsonSchema): string {
  return maxItems === undefined ? '' : `, ${maxItems} at most`;
}

function boundsOf(schema: JsonSchema, name: string): string {
  if (name === 'null') return '';
  const text = schema.type === 'string';
  const least = text ? schema.minLength : schema.minimum;
  const most = text ? schema.maxLength : schema.maximum;
  const unit = text ? ' characters' : '';
  if (least !== undefined && most !== undefined) return `, ${least} to ${most}${unit}`;
  if (most !== undefined) return `, up to ${most}${unit}`;
  return least === undefined ? '' : `, from ${least}${unit}`;
}

/** A table of fields; nothing where there is none. */
export function fieldTable(schema: JsonSchema): string[] {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return [];
  return [
    '| field | is | |',
    '|---|---|---|',
    ...fields.map(
      ({ path, type, required }) => `| \`${path}\` | ${cell(type)} | ${required ? '' : 'optional'} |`,
    ),
    '',
  ];
}

/** Text that stands in a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
