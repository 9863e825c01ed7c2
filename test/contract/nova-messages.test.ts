import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { issueSeverity, issueType } from '#core/domain/issue-reports.ts';
import { bitrateHealth, qualityReason } from '#core/domain/quality.ts';
import { clientToServer, endReason, errorCode, errorSeverity, serverToClient } from '#core/protocol/nova.ts';

// Every example message of nova.md, as it stands there.

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'nova');
const fromClient = new Set(['pong', 'get_stream_info', 'report_issue']);
const optional = new Set(['pong.sequence']);

interface Example {
  event: string;
  data: Record<string, unknown>;
}

const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Example);

const schemaOf = ({ event }: Pick<Example, 'event'>) =>
  fromClient.has(event) ? clientToServer : serverToClient;

t.same(
  examples.map(({ event }) => event).sort(),
  [
    'bitrate_update',
    'connection_established',
    'error',
    'get_stream_info',
    'ping',
    'pong',
    'quality_changed',
    'report_issue',
    'stream_ended',
    'stream_info',
    'stream_started',
    'viewer_count_changed',
  ],
  'all twelve messages are here',
);

for (const example of examples) {
  const schema = schemaOf(example);

  t.test(`${example.event}: parsed, encoded, round-tripped`, async (t) => {
    const parsed = schema.parse(example);
    t.same(parsed, example, 'nothing is lost, nothing added');
    t.same(schema.parse(JSON.parse(JSON.stringify(parsed))), example);
  });

  t.test(`${example.event}: every field shown is required`, async (t) => {
    t.notOk(schema.safeParse({ event: example.event }).success, 'data');
    t.notOk(schema.safeParse({ data: example.data }).success, 'event');
    for (const name of Object.keys(example.data)) {
      const { [name]: _, ...rest } = example.data;
      const accepted = schema.safeParse({ event: example.event, data: rest }).success;
      t.equal(accepted, optional.has(`${example.event}.${name}`), name);
      const wrong = { ...example.data, [name]: { of: 'another type' } };
      t.notOk(schema.safeParse({ event: example.event, data: wrong }).success, `${name} of a wrong type`);
    }
  });

  t.test(`${example.event}: a direction is not the other`, async (t) => {
    const other = schema === clientToServer ? serverToClient : clientToServer;
    t.notOk(other.safeParse(example).success);
  });

  t.test(`${example.event}: what a later version adds is passed over`, async (t) => {
    const later = { ...example, id: 7, data: { ...example.data, added_in_1_1: true } };
    t.same(schema.parse(later), example);
  });
}

t.test('report_issue: all of client_info is required, all types and severities are taken', async (t) => {
  const report = examples.find(({ event }) => event === 'report_issue');
  if (!report) throw new Error('no fixture');
  const info = report.data.client_info as Record<string, unknown>;
  for (const name of Object.keys(info)) {
    const { [name]: _, ...rest } = info;
    const lacking = { event: 'report_issue', data: { ...report.data, client_info: rest } };
    t.notOk(clientToServer.safeParse(lacking).success, name);
  }
  for (const type of 'buffering|lag|quality|playback_error|other'.split('|')) {
    for (const severity of 'low|medium|high'.split('|')) {
      const data = { ...report.data, issue_type: type, severity };
      t.ok(clientToServer.safeParse({ event: 'report_issue', data }).success, `${type}, ${severity}`);
    }
  }
});

t.test('the enumerations are the document’s', async (t) => {
  t.same(issueType.options, ['buffering', 'lag', 'quality', 'playback_error', 'other']);
  t.same(issueSeverity.options, ['low', 'medium', 'high']);
  t.same(endReason.options, ['broadcaster_ended', 'connection_lost', 'session_timeout', 'error']);
  t.same(bitrateHealth.options, ['excellent', 'good', 'fair', 'poor']);
  t.same(errorSeverity.options, ['info', 'warning', 'error', 'critical']);
  t.same(qualityReason.options, [
    'adaptive_bitrate',
    'broadcaster_changed',
    'network_congestion',
    'quality_degradation',
  ]);
  t.same(errorCode.options, [
    'STREAM_NOT_FOUND',
    'STREAM_ENDED',
    'CONNECTION_REJECTED',
    'PROTOCOL_ERROR',
    'SERVER_ERROR',
    'RTMP_CONNECTION_LOST',
    'RTMP_HANDSHAKE_FAILED',
    'BUFFER_OVERFLOW',
    'UNAUTHORIZED',
    'RATE_LIMITED',
  ]);
});

t.test('the pong of the printed client has no sequence', async (t) => {
  const pong = { event: 'pong', data: { timestamp: new Date(0).toISOString() } };
  t.same(clientToServer.parse(pong), pong);
});
