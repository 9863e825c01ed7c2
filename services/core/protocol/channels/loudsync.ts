import { channel } from '../channel.ts';
import { clientToServer, serverToClient } from '../loudsync.ts';

export const loudsyncChannel = channel({
  name: 'loudsync',
  path: '/ws/session',
  limits: {
    maxMessageBytes: 16 * 1024,
    messagesPerSecond: 10,
    burstMessages: 30,
    backlogMessages: 100,
    heartbeat: { pingEveryMs: 5_000, timeoutMs: 60_000 }, // measures latency; who is alive, HEARTBEAT says
  },
  incoming: clientToServer,
  title: 'LOUDSYNC',
  summary: 'Sessions of members: who is there, who hosts, and how far away they are.',
  outgoing: serverToClient,
  admission: 'Open to who may watch; a host proves it with the host token.',
  closeCodes: {
    1000: 'the member left, was kicked, timed out or joined from another connection, or the session was closed',
    1008: 'nothing joined within 15 s, or the member was removed for sending too much',
  },
});
