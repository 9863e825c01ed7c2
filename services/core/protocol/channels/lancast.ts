import { z } from 'zod';
import { channel } from '../channel.ts';
import { serverToClient } from '../lancast.ts';

export const lancastChannel = channel({
  name: 'lancast',
  path: '/ws',
  limits: {
    maxMessageBytes: 4 * 1024,
    messagesPerSecond: 5,
    burstMessages: 10,
    backlogMessages: 1, // a status replaces the one before it
    heartbeat: { pingEveryMs: 10_000, timeoutMs: 30_000 }, // "Disconnect": 30 s
  },
  incoming: z.never({ error: 'LANCast has no messages from client to server' }),
  title: 'LANCast',
  summary: 'The status of the broadcast and the number of viewers: at once, and on every change.',
  outgoing: serverToClient,
  admission: 'Open to who may watch.',
  closeCodes: { 1013: 'the house is full; `ROOM_FULL` was said before' },
});
