import { channel } from '../channel.ts';
import { deviceToServer, serverToDevice } from '../signaling.ts';

export const deviceChannel = channel({
  name: 'signaling-device',
  path: '/ws/device',
  limits: {
    maxMessageBytes: 128 * 1024,
    messagesPerSecond: 200, // the candidates of all its viewers
    burstMessages: 1_000,
    backlogMessages: 1_000,
    heartbeat: { pingEveryMs: 30_000, timeoutMs: 90_000 },
  },
  incoming: deviceToServer,
  title: 'Signaling, device',
  summary: 'Boxes that join this one as their hub: presence, and the signaling of who watches them.',
  outgoing: serverToDevice,
  admission:
    'The key that enrolling returned goes as `Authorization: Bearer …` with the upgrade; hello tells whose.',
  closeCodes: {
    1008: 'no hello within 10 s, something else before it, an unknown device, a missing or wrong key, another connection of the same device, or the device was removed',
  },
});
