import { channel } from '../channel.ts';
import { clientToServer, serverToClient } from '../nova.ts';

export const novaChannel = channel({
  name: 'nova',
  path: '/api/v1/streams/:stream_id/ws',
  limits: {
    maxMessageBytes: 256 * 1024, // "Max Message Size"
    messagesPerSecond: 10,
    burstMessages: 40,
    backlogMessages: 100, // "Backlog Buffer"
    heartbeat: null, // its own, in JSON
  },
  incoming: clientToServer,
  title: 'Nova',
  summary:
    'Viewer events: stream, audience, quality, bitrate and health; viewers ask for figures and report issues.',
  outgoing: serverToClient,
  admission: 'A viewer token, from `POST /api/v1/streams/{id}/tokens`.',
  query: {
    token: { description: 'The viewer token (JWT)', required: true },
    protocol: {
      description: 'Version that the client speaks; its major decides (default: 1.0)',
      required: false,
    },
  },
  closeCodes: { 1001: '60 s without a pong', 1003: 'what can not be parsed, binary frames included' },
});
