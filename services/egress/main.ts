import { randomBytes } from 'node:crypto';
import { type FromEgress, type ToEgress, toEgress } from '#core/protocol/link/egress.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { Egress } from './egress.ts';
import { loadEngine } from './load-engine.ts';
import { findWebRtcAddon } from './native-addon.ts';

await runDaemon('egress', async ({ logger, own }) => {
  const link = new LinkClient<ToEgress, FromEgress>({
    daemon: 'egress',
    socketPath: pathsFrom(process.env).linkSockets.egress,
    incoming: toEgress,
    logger,
  });
  const egress = new Egress({
    link,
    logger,
    loadEngine,
    addon: findWebRtcAddon(),
    clock: systemClock,
    labels: {
      cname: randomBytes(12).toString('base64url'),
      videoSsrc: randomBytes(4).readUInt32BE(),
      audioSsrc: randomBytes(4).readUInt32BE(),
      repeatSsrc: randomBytes(4).readUInt32BE(),
    },
    restart: () => process.kill(process.pid, 'SIGTERM'),
    failed: (why) => process.send?.({ failed: why }),
  });
  own(egress);
  await egress.start();
  own(link);
  link.start();
});
