import t from 'tap';
import type { z } from 'zod';
import * as lancast from '#core/protocol/lancast.ts';
import * as loudsync from '#core/protocol/loudsync.ts';
import * as signaling from '#core/protocol/signaling.ts';
import * as streamsync from '#core/protocol/streamsync.ts';
import { fixtures } from '../support/fixtures.ts';

// Every example message of the specifications (StreamSync prints none: one of each type, by its text).

const schemas: Record<string, z.ZodDiscriminatedUnion> = {
  'lancast/server-to-client': lancast.serverToClient,
  'loudsync/client-to-server': loudsync.clientToServer,
  'loudsync/server-to-client': loudsync.serverToClient,
  'signaling/device-to-server': signaling.deviceToServer,
  'signaling/server-to-device': signaling.serverToDevice,
  'signaling/viewer-to-server': signaling.viewerToServer,
  'signaling/server-to-viewer': signaling.serverToViewer,
  'streamsync/client-to-server': streamsync.clientToServer,
  'streamsync/server-to-client': streamsync.serverToClient,
};

/** Fields that the documents call optional, and our own additions. */
const optional = new Set([
  'request_id',
  'requestId',
  'reason',
  'details',
  'latency',
  'streamInfo',
  'meta',
  'authoritative',
  'contentId',
  'member.latency',
  'payload.meta',
  'payload.authoritative',
  'payload.requestId',
  'payload.battery',
  'payload.temperature',
  'payload.recording',
  'data.streamInfo',
]);
/** Required where others of that name are not. */
const required = new Set(['kicked reason', 'ack payload.requestId']);
/** Ours: messages in a direction, or of a kind, that the document doesn't print. */
const additions: Record<string, string[]> = {
  'signaling/device-to-server': ['watch_ended'],
  'loudsync/client-to-server': ['member_list'],
};

for (const [path, schema] of Object.entries(schemas)) {
  t.test(path, async (t) => {
    const examples = fixtures(path);
    const known = schema.options.map((option) =>
      String((option as z.ZodObject).shape.type?._zod.values?.values().next().value),
    );
    const seen = new Set(examples.map(({ message }) => message.type));
    t.same(
      known.filter((type) => !seen.has(type)),
      additions[path] ?? [],
      'a fixture for each message',
    );

    for (const { name, message } of examples) {
      t.test(`${name}: parsed, encoded, round-tripped`, async (t) => {
        const parsed = schema.parse(message);
        t.same(parsed, message, 'nothing is lost, nothing added');
        t.same(schema.parse(JSON.parse(JSON.stringify(parsed))), message);
      });

      t.test(`${name}: what is shown is required`, async (t) => {
        for (const field of fieldsOf(message)) {
          const isOptional = optional.has(field) && !required.has(`${message.type} ${field}`);
          t.equal(
            schema.safeParse(without(message, field)).success,
            isOptional,
            `${field} ${isOptional ? 'may' : "mustn't"} be missing`,
          );
        }
      });
    }

    t.test('what is unknown is refused', async (t) => {
      t.notOk(
        schema.safeParse({
          type: 'no_such_type',
          timestamp: 1,
          v: 1,
          ts: new Date().toISOString(),
          payload: {},
        }).success,
      );
      for (const nonsense of [null, [], 'text', 1, {}]) t.notOk(schema.safeParse(nonsense).success);
    });
  });
}

/** "type", "payload", "payload.session_id": the message's fields and those one level in. */
function fieldsOf(message: Record<string, unknown>): string[] {
  return Object.entries(message).flatMap(([name, value]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || name === 'details')
      return [name];
    return [name, ...Object.keys(value).map((inner) => `${name}.${inner}`)];
  });
}

function without(message: Record<string, unknown>, field: string): Record<string, unknown> {
  const copy = structuredClone(message);
  const [name = '', inner] = field.split('.');
  if (inner === undefined) delete copy[name];
  else delete (copy[name] as Record<string, unknown>)[inner];
  return copy;
}
