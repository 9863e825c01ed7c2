import { join } from 'node:path';
import type { LinkedDaemon } from '../protocol/link/daemon.ts';
import { environmentFrom } from './environment.ts';

/** Where one running appliance keeps what it has: several may run on one machine. */
export interface Paths {
  /** Survives a crash of a daemon, not a reboot. */
  runtimeDirectory: string;
  /** Survives everything. */
  dataDirectory: string;
  /** The operator's: the HTTP API, and the link of the console. */
  controlSocket: string;
  /** The links of the other daemons: each takes that daemon's messages and nothing else. */
  linkSockets: Readonly<Record<LinkedDaemon, string>>;
  /** The virtual board's wires. */
  boardSocket: string;
  /** The media bus. */
  mediaSocket: string;
  /** Where what others publish is handed over. */
  ingestSocket: string;
  /** The virtual serial line. */
  consoleSocket: string;
  /** Recordings on the card. */
  recordingsDirectory: string;
  /** Pictures that the operator sent: control writes them, media reads. */
  picturesDirectory: string;
  /** Bundles on their way, and what is being tried. */
  updateDirectory: string;
  /** USB disks are mounted in folders of it. */
  disksDirectory: string;
}

/**
 * ONAIR_STATE names the runtime directory (the appliance's is /run/onair); ONAIR_DATA the durable one,
 * which is the same where only ONAIR_STATE is given, as in the demo.
 */
export function pathsFrom(variables: NodeJS.ProcessEnv): Paths {
  const environment = environmentFrom(variables);
  const isDemo = environment.stateDirectory !== null;
  const runtimeDirectory = environment.stateDirectory ?? '/run/onair';
  const dataDirectory = environment.dataDirectory ?? (isDemo ? runtimeDirectory : '/var/lib/onair');
  // On the box each is in a folder that only its daemon may open.
  const linkSocket = (daemon: LinkedDaemon) =>
    isDemo ? join(runtimeDirectory, `link-${daemon}.sock`) : `/run/onair-links/${daemon}/link.sock`;
  return {
    runtimeDirectory,
    dataDirectory,
    controlSocket: join(runtimeDirectory, 'control.sock'),
    linkSockets: {
      media: linkSocket('media'),
      egress: linkSocket('egress'),
      panel: linkSocket('panel'),
      outputs: linkSocket('outputs'),
      update: linkSocket('update'),
    },
    // On the box each daemon writes to a folder of its own.
    boardSocket: isDemo ? join(runtimeDirectory, 'board.sock') : '/run/onair-panel/board.sock',
    mediaSocket: isDemo ? join(runtimeDirectory, 'media.sock') : '/run/onair-media/media.sock',
    ingestSocket: isDemo ? join(runtimeDirectory, 'ingest.sock') : '/run/onair-media/ingest.sock',
    consoleSocket: join(runtimeDirectory, 'console.sock'),
    recordingsDirectory: isDemo ? join(runtimeDirectory, 'recordings') : '/var/lib/onair-recordings',
    picturesDirectory: isDemo ? join(runtimeDirectory, 'pictures') : '/var/lib/onair-pictures',
    disksDirectory: isDemo ? join(runtimeDirectory, 'disks') : '/run/onair-disks',
    updateDirectory: isDemo ? join(runtimeDirectory, 'update') : '/var/lib/onair-update',
  };
}
