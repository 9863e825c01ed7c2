import { channel } from '../channel.ts';
import { serverToViewer, viewerToServer } from '../signaling.ts';

export const viewerChannel = channel({
  name: 'signaling-viewer',
  path: '/ws/viewer',
  limits: {
    maxMessageBytes: 128 * 1024,
    messagesPerSecond: 50, // ICE candidates come in bursts
    burstMessages: 200,
    backlogMessages: 100,
    heartbeat: { pingEveryMs: 30_000, timeoutMs: 90_000 }, // three of the client's 30 s heartbeats
  },
  incoming: viewerToServer,
  title: 'Signaling, viewer',
  summary: 'Watch sessions: a viewer asks for a device, and both exchange SDP and ICE candidates.',
  outgoing: serverToViewer,
  admission: 'A viewer token in hello, from `POST /api/v1/streams/{id}/tokens`.',
  closeCodes: { 1008: 'no hello within 10 s, something else before it, or an invalid token' },
});
