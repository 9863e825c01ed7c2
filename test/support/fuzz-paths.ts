import type { z } from 'zod';
import * as lancast from '#core/protocol/lancast.ts';
import * as loudsync from '#core/protocol/loudsync.ts';
import * as nova from '#core/protocol/nova.ts';
import * as signaling from '#core/protocol/signaling.ts';
import * as streamsync from '#core/protocol/streamsync.ts';
import type { Appliance } from './appliance.ts';
import { fixtures } from './fixtures.ts';

/** One path of the box, as a hostile client and an honest one use it. */
export interface FuzzPath {
  name: string;
  url: string;
  headers?: Record<string, string>;
  /** Said first, so that what follows gets further than the door; `client` tells clients apart. */
  greeting: (client: number) => object[];
  /** The type of the message that answers it. */
  greeted: string | null;
  /** Valid messages, with ids that exist. */
  examples: object[];
  /** Valid messages that end a connection: the last of each client's. */
  lastExamples?: object[];
  /** How many messages the box reads of one client before it refuses them for their rate. */
  messagesPerClient: number;
  /** Out of 100 messages to all paths. */
  share: number;
  /** What the box may say. */
  outgoing: z.ZodType;
  /** A question of an honest client, and what tells its answer. */
  question: object;
  /** Null where messages are not answered: a ping of the connection is. */
  isAnswer: ((message: Record<string, unknown>) => boolean) | null;
}

const isLeave = (message: object): boolean => 'type' in message && message.type === 'leave';
const ts = '2026-01-02T03:04:05.000Z';

/** All paths of a running appliance: rooms and devices are made for the hostile and for the honest. */
export async function fuzzPaths(
  appliance: Appliance,
  who: string,
): Promise<{ paths: FuzzPath[]; rooms: string[] }> {
  const origin = (await appliance.origin()).replace('http', 'ws');
  const { stream, device } = await appliance.status();
  const { token } = (await appliance.call('POST', `/api/v1/streams/${stream.id}/tokens`)) as {
    token: string;
  };
  const { id: room } = (await appliance.call('POST', '/api/v1/rooms', { name: who, maxMembers: 1_000 })) as {
    id: string;
  };
  const { key } = (await appliance.call('POST', '/api/v1/devices', { id: who, name: who })) as {
    key: string;
  };
  const greetViewer = { type: 'hello', ts, payload: { token } };
  const greetDevice = { type: 'hello', ts, payload: { device_id: who } };
  const joinSession = (client: number) => ({
    type: 'join',
    timestamp: 1,
    sessionId: room,
    deviceInfo: { id: `${who}-${client}`, name: who, type: 'client' },
  });
  const joinRoom = (client: number) => ({
    v: 1,
    type: 'room/join',
    payload: { roomId: room, client: { userId: `${who}-${client}`, displayName: who } },
  });
  /** The fixtures with ids that are there. */
  const examples = (folder: string): object[] =>
    fixtures(folder).flatMap(({ message }) => {
      const text = JSON.stringify(message)
        .replace(/"(roomId|sessionId)":"[^"]*"/g, `"$1":"${room}"`)
        .replace(/"device_id":"[^"]*"/g, `"device_id":"${device.id}"`)
        .replace(/"toUserId":"[^"]*"/g, `"toUserId":"${who}-1"`);
      return [JSON.parse(text)];
    });
  const paths: FuzzPath[] = [
    {
      name: 'lancast',
      url: `${origin}/ws`,
      greeting: () => [],
      greeted: null,
      examples: [{ type: 'status', data: { live: true, viewerCount: 1 } }, { type: 'ping' }],
      messagesPerClient: 10,
      share: 5,
      outgoing: lancast.serverToClient,
      question: { type: 'hello' },
      // A viewer's messages are ignored (lancast.md): only the connection tells that it is served.
      isAnswer: null,
    },
    {
      name: 'nova',
      url: `${origin}/api/v1/streams/${stream.id}/ws?token=${token}`,
      greeting: () => [],
      greeted: null,
      examples: ['pong', 'get-stream-info', 'report-issue'].map(
        (name) => fixtures('nova').find((fixture) => fixture.name === name)?.message ?? {},
      ),
      messagesPerClient: 1, // what can't be parsed closes the connection
      share: 5,
      outgoing: nova.serverToClient,
      question: { event: 'get_stream_info', data: { request_id: 'honest' } },
      isAnswer: ({ event }) => event === 'stream_info',
    },
    {
      name: 'signaling-viewer',
      url: `${origin}/ws/viewer`,
      greeting: () => [greetViewer],
      greeted: 'hello_ack',
      examples: examples('signaling/viewer-to-server'),
      messagesPerClient: 150,
      share: 25,
      outgoing: signaling.serverToViewer,
      question: { type: 'heartbeat', ts, payload: {} },
      isAnswer: ({ type }) => type === 'heartbeat_ack',
    },
    {
      name: 'signaling-device',
      url: `${origin}/ws/device`,
      headers: { authorization: `Bearer ${key}` },
      greeting: () => [greetDevice],
      greeted: 'hello_ack',
      examples: examples('signaling/device-to-server'),
      messagesPerClient: 500,
      share: 25,
      outgoing: signaling.serverToDevice,
      question: { type: 'heartbeat', ts, payload: {} },
      isAnswer: ({ type }) => type === 'heartbeat_ack',
    },
    {
      name: 'loudsync',
      url: `${origin}/ws/session`,
      greeting: (client) => [joinSession(client)],
      greeted: 'welcome',
      examples: [
        ...examples('loudsync/client-to-server').filter((message) => !isLeave(message)),
        { type: 'member_list', timestamp: 1 },
      ],
      lastExamples: examples('loudsync/client-to-server').filter(isLeave),
      messagesPerClient: 25,
      share: 15,
      outgoing: loudsync.serverToClient,
      question: { type: 'ping', timestamp: 7 },
      isAnswer: ({ type }) => type === 'pong',
    },
    {
      name: 'streamsync',
      url: `${origin}/ws/sync`,
      greeting: (client) => [joinRoom(client)],
      greeted: 'room/joined',
      examples: examples('streamsync/client-to-server'),
      messagesPerClient: 90,
      share: 25,
      outgoing: streamsync.serverToClient,
      question: {
        v: 1,
        type: 'chat/send',
        requestId: 'honest',
        payload: { roomId: room, text: 'still here' },
      },
      isAnswer: ({ type }) => type === 'ack',
    },
  ];
  return { paths, rooms: [room] };
}
