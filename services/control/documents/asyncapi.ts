import { z } from 'zod';
import { type Channel, commonCloseCodes } from '#core/protocol/channel.ts';
import { documentedPath } from '#core/protocol/endpoint.ts';
import { getOpenApi } from '#core/protocol/endpoints/documents.ts';
import { version } from '#core/version.ts';
import { draft7Of, type JsonSchema } from './json-schemas.ts';

export interface MessageDoc {
  /** What its literal field says: "room/join". */
  name: string;
  schema: z.ZodObject;
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

/** Every code with which the box may close a connection of this channel. */
export function closeCodesOf({ closeCodes }: Channel): [code: string, when: string][] {
  const codes = new Set([...Object.keys(commonCloseCodes), ...Object.keys(closeCodes)]);
  return [...codes].sort().map((code) => {
    const when = [closeCodes[Number(code)], commonCloseCodes[Number(code)]].filter(Boolean);
    return [code, when.join('; ')];
  });
}

/** The web sockets as an AsyncAPI 3 document, from the channels and the schemas of their messages. */
export function asyncApiOf(declared: readonly Channel[]): JsonSchema {
  const channels: Record<string, unknown> = {};
  const operations: Record<string, unknown> = {};
  for (const channel of declared) {
    const ways = [
      { action: 'send', prefix: 'toClient', messages: messagesOf(channel.outgoing) },
      { action: 'receive', prefix: 'toServer', messages: messagesOf(channel.incoming) },
    ].filter(({ messages }) => messages.length > 0);
    channels[channel.name] = channelOf(
      channel,
      Object.fromEntries(
        ways.flatMap(({ prefix, messages }) =>
          messages.map(({ name, schema }) => [keyOf(prefix, name), messageOf(name, schema)]),
        ),
      ),
    );
    for (const { action, prefix, messages } of ways) {
      operations[`${channel.name}.${action}`] = {
        action,
        title: `${channel.title}: ${action === 'send' ? 'the box says' : 'the client says'}`,
        channel: { $ref: `#/channels/${channel.name}` },
        messages: messages.map(({ name }) => ({
          $ref: `#/channels/${channel.name}/messages/${keyOf(prefix, name)}`,
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

function channelOf(channel: Channel, messages: object): JsonSchema {
  const { path, limits } = channel;
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, {}]);
  const query = Object.entries(channel.query ?? {});
  return {
    address: documentedPath(path),
    title: channel.title,
    description: `${channel.summary} ${channel.admission}`,
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
    'x-close-codes': Object.fromEntries(closeCodesOf(channel)),
  };
}

function messageOf(name: string, schema: z.ZodObject): JsonSchema {
  return { name, title: name, payload: draft7Of(schema) };
}

/** AsyncAPI's keys have no slash. */
function keyOf(prefix: string, name: string): string {
  return `${prefix}.${name.replace(/\W/g, '_')}`;
}
