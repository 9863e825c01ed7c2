import { z } from 'zod';
import { documentedPath } from '#core/protocol/endpoint.ts';
import { getOpenApi } from '#core/protocol/endpoints/documents.ts';
import { version } from '#core/version.ts';
import type { Dialect } from '../sockets/dialect.ts';
import { commonCloseCodes, type DialectDoc } from './dialect-doc.ts';
import { draft7Of, type JsonSchema } from './json-schemas.ts';

/** A dialect that the documents speak of. */
export type DocumentedDialect = Dialect & { doc: DialectDoc };

export interface MessageDoc {
  /** What its literal field says: "room/join". */
  name: string;
  schema: z.ZodObject;
}

// biome-ignore lint/suspicious/noExplicitAny: dialects of any message; only their tables are read
export function documentedDialects(dialects: readonly Dialect<any, any>[]): DocumentedDialect[] {
  return dialects.filter((dialect): dialect is DocumentedDialect => dialect.doc !== undefined);
}

/** The messages of a union that are told apart by a literal field; none of `z.never()`. */
export function messagesOf(union: z.ZodType): MessageDoc[] {
  if (!(union instanceof z.ZodDiscriminatedUnion)) return [];
  return union.options.map((schema) => {
    const literal = schema instanceof z.ZodObject ? schema.shape[union.def.discriminator] : null;
    if (!(schema instanceof z.ZodObject && literal instanceof z.ZodLiteral))
      throw new Error('a message is an object with a literal that tells which');
    return { name: String(literal.value), schema };
  });
}

/** Every code with which the box may close a connection of this dialect. */
export function closeCodesOf({ doc }: DocumentedDialect): [code: string, when: string][] {
  const codes = new Set([...Object.keys(commonCloseCodes), ...Object.keys(doc.closeCodes)]);
  return [...codes].sort().map((code) => {
    const when = [doc.closeCodes[Number(code)], commonCloseCodes[Number(code)]].filter(Boolean);
    return [code, when.join('; ')];
  });
}

/** The web sockets as an AsyncAPI 3 document, from the dialects and the schemas of their messages. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function asyncApiOf(dialects: readonly Dialect<any, any>[]): JsonSchema {
  const channels: Record<string, unknown> = {};
  const operations: Record<string, unknown> = {};
  for (const dialect of documentedDialects(dialects)) {
    const ways = [
      { action: 'send', prefix: 'toClient', messages: messagesOf(dialect.doc.outgoing) },
      { action: 'receive', prefix: 'toServer', messages: messagesOf(dialect.incoming) },
    ].filter(({ messages }) => messages.length > 0);
    channels[dialect.name] = channelOf(
      dialect,
      Object.fromEntries(
        ways.flatMap(({ prefix, messages }) =>
          messages.map(({ name, schema }) => [keyOf(prefix, name), messageOf(name, schema)]),
        ),
      ),
    );
    for (const { action, prefix, messages } of ways) {
      operations[`${dialect.name}.${action}`] = {
        action,
        title: `${dialect.doc.title}: ${action === 'send' ? 'the box says' : 'the client says'}`,
        channel: { $ref: `#/channels/${dialect.name}` },
        messages: messages.map(({ name }) => ({
          $ref: `#/channels/${dialect.name}/messages/${keyOf(prefix, name)}`,
        })),
      };
    }
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Onair',
      version,
      description: `The web sockets of an Onair box. The HTTP API is in \`${getOpenApi.path}\`.`,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: { box: { host: 'onair.local', protocol: 'ws' } },
    channels,
    operations,
  };
}

function channelOf({ path, limits, doc, ...dialect }: DocumentedDialect, messages: object): JsonSchema {
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, {}]);
  const query = Object.entries(doc.query ?? {});
  return {
    address: documentedPath(path),
    title: doc.title,
    description: `${doc.summary} ${doc.admission}`,
    messages,
    ...(parameters.length > 0 ? { parameters: Object.fromEntries(parameters) } : {}),
    bindings: {
      ws: {
        method: 'GET',
        ...(query.length > 0
          ? {
              query: {
                type: 'object',
                properties: Object.fromEntries(
                  query.map(([name, { description }]) => [name, { type: 'string', description }]),
                ),
                required: query.flatMap(([name, { required }]) => (required ? [name] : [])),
              },
            }
          : {}),
        bindingVersion: '0.1.0',
      },
    },
    'x-limits': limits,
    'x-close-codes': Object.fromEntries(closeCodesOf({ path, limits, doc, ...dialect } as DocumentedDialect)),
  };
}

function messageOf(name: string, schema: z.ZodObject): JsonSchema {
  return { name, title: name, payload: draft7Of(schema) };
}

/** AsyncAPI's keys have no slash. */
function keyOf(prefix: string, name: string): string {
  return `${prefix}.${name.replace(/\W/g, '_')}`;
}
