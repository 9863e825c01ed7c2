import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '#core/domain/problem.ts';
import { type FromUpdate, type ToUpdate, toUpdate } from '#core/protocol/link/update.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { type Environment, environmentFrom } from '#core/runtime/environment.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { mountedDisks } from '#core/runtime/mounted-disks.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { version } from '#core/version.ts';
import type { Installer } from './installer.ts';
import { LinkProofs } from './link-proofs.ts';
import { RaucInstaller } from './rauc-installer.ts';
import { TrialRecord } from './trial-record.ts';
import { type Offer, UpdateChannel } from './update-channel.ts';
import { type DiskOffer, UpdateDisks } from './update-disks.ts';
import { updateReasons } from './update-error.ts';
import { Updater } from './updater.ts';
import { compareVersions } from './version-order.ts';
import { VirtualInstaller } from './virtual-installer.ts';

await runDaemon('update', async ({ logger, own }) => {
  const paths = pathsFrom(process.env);
  const environment = environmentFrom(process.env);
  // The old version is back three minutes after the new one was switched on: what is left is for what comes before and after.
  const trialMs = environment.updateTrialMs;
  const directory = paths.updateDirectory;
  const link = new LinkClient<ToUpdate, FromUpdate>({
    daemon: 'update',
    socketPath: paths.linkSockets.update,
    incoming: toUpdate,
    logger,
  });
  own(link);
  const proofs = new LinkProofs(link);
  const updater = new Updater({
    ...{
      installer: await openInstaller(directory, environment),
      proofs,
      directory,
      version,
      trialMs,
      clock,
      logger,
    },
    record: new TrialRecord(join(directory, 'trial.json')),
    onReport: (payload) => link.send({ type: 'update_report', payload }),
  });
  own(updater);
  let announced: Offer | null = null;
  let unknown: Problem | null = null;
  let onDisk: DiskOffer | null = null;
  const newest = (): Offer | DiskOffer | null => {
    if (announced === null || onDisk === null) return announced ?? onDisk;
    return compareVersions(announced.version, onDisk.version) > 0 ? announced : onDisk;
  };
  const tellOffer = (): void => updater.setOffer(newest()?.version ?? null, unknown);
  const channel = new UpdateChannel({
    version,
    fetch,
    onOffer: (offer, reason) => {
      announced = offer;
      unknown = reason;
      tellOffer();
    },
    onInstall: ({ url }) => void updater.install({ source: { url }, downgrade: false, onAir: false }),
    clock,
    logger,
  });
  own(channel);
  const disks = new UpdateDisks({
    version,
    disks: () => mountedDisks(paths.disksDirectory),
    onOffer: (offer) => {
      onDisk = offer;
      tellOffer();
    },
    clock,
  });
  own(disks);
  const installOffered = async (consent: { downgrade: boolean; onAir: boolean }): Promise<void> => {
    await Promise.all([channel.look(), disks.look()]);
    const offer = newest();
    if (offer === null) updater.refuse(updateReasons.notOffered);
    else
      await updater.install({
        ...consent,
        source: 'url' in offer ? { url: offer.url } : { disk: offer.path },
      });
  };
  link.events.on('connected', () => link.send({ type: 'update_report', payload: updater.report }));
  link.events.on('message', (message) => {
    switch (message.type) {
      case 'daemon_welcome':
        break;
      case 'update_configure':
        proofs.setPort(message.payload.httpPort);
        updater.setOnAir(message.payload.onAir);
        channel.configure({ ...message.payload.channel, onAir: message.payload.onAir });
        break;
      case 'update_install':
        if (message.payload.source === 'channel') void installOffered(message.payload);
        else void updater.install({ ...message.payload, source: message.payload.source });
        break;
      case 'update_rollback':
        void updater.rollBack(message.payload);
        break;
      case 'update_proof':
        proofs.hear(message.payload.reason);
        break;
    }
  });
  link.start();
  await updater.start();
  const { state, available } = updater.report;
  if (state === 'rolled-back' && available !== null) channel.exclude(available);
  channel.start();
  disks.start();
});

/** The card's two systems; where ONAIR_BOARD is virtual, records of them. */
async function openInstaller(directory: string, { board, updateKey }: Environment): Promise<Installer> {
  if (board !== 'virtual') return new RaucInstaller({ requests: '/run/onair-update' });
  // Nobody signs updates of a demo, unless a test names its key.
  return new VirtualInstaller({
    path: join(directory, 'card.json'),
    publicKey: updateKey ? await readFile(updateKey, 'utf8') : '',
    version,
    restart: () => process.kill(process.pid, 'SIGTERM'),
  });
}
