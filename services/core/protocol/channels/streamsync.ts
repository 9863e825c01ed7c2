import { channel } from '../channel.ts';
import { clientToServer, serverToClient } from '../streamsync.ts';

export const streamSyncChannel = channel({
  name: 'streamsync',
  path: '/ws/sync',
  limits: {
    maxMessageBytes: 128 * 1024,
    messagesPerSecond: 20, // ICE candidates come in bursts
    burstMessages: 100,
    backlogMessages: 100,
    heartbeat: { pingEveryMs: 5_000, timeoutMs: 30_000 }, // also measures latency, which LOUDSYNC's members see
  },
  incoming: clientToServer,
  title: 'StreamSync',
  summary: 'Rooms of peers who chat, watch the same content in step, and reach each other by WebRTC.',
  outgoing: serverToClient,
  admission: 'Open to who may watch.',
  closeCodes: { 1000: 'the same user joined from another connection' },
});
