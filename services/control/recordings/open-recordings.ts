import type { Domain } from '../domain/open-domain.ts';
import type { Route } from '../http/router.ts';
import type { Link } from '../link/open-link.ts';
import type { OpenOutputs } from '../outputs/open-outputs.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { recordingRoutes } from './recording-routes.ts';
import { RecordingStills } from './recording-stills.ts';
import { Recordings } from './recordings.ts';
import { Replay } from './replay.ts';
import { Thumbnails } from './thumbnails.ts';

export interface OpenRecordings {
  recordings: Recordings;
  replay: Replay;
  routes: Route[];
}

/** What is recorded, the broadcast as far back as its recording reaches, and a small picture of each file. */
export function openRecordings(
  deps: Pick<ControlContext, 'paths' | 'bootId' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    domain: Pick<Domain, 'broadcast'>;
    link: Pick<Link, 'host'>;
    outputs: Pick<OpenOutputs, 'snapshots'>;
  },
): OpenRecordings {
  const { paths, bootId, clock, logger, domain, link, outputs } = deps;
  const { broadcast } = domain;
  const settings = deps.settings.current;
  const recordings = new Recordings({
    broadcast,
    link: link.host,
    settings,
    cardDirectory: paths.recordingsDirectory,
    bootId,
    bitrateKbps: () => settings().video.bitrateKbps + settings().audio.bitrateKbps,
  });
  recordings.start();
  deps.settings.watch('recording.', () => recordings.configure());
  const replay = new Replay({ recordings, broadcast, enabled: () => settings().viewing.replay, clock });
  replay.start();
  const stills = new RecordingStills({ link: link.host, clock });
  stills.start();
  const thumbnails = new Thumbnails({ recordings, snapshots: outputs.snapshots, stills, logger });
  thumbnails.start();
  return { recordings, replay, routes: recordingRoutes({ recordings, thumbnails, settings }) };
}
