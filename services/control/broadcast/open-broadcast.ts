import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { Parts } from '#core/runtime/parts.ts';
import type { Board } from '../board/open-board.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { HlsOrigin } from '../hls/origin.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { Link } from '../link/open-link.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { BroadcastDirector } from './broadcast-director.ts';
import { BroadcastSources } from './broadcast-sources.ts';
import { DesiredStore } from './desired-store.ts';
import { MediaVerdict } from './media-verdict.ts';
import { guardPower } from './power-guard.ts';
import { followQuality } from './quality-follower.ts';
import { SlowLine } from './slow-line.ts';
import { SourcePreviews } from './source-previews.ts';

export interface Broadcasting extends Closable {
  director: BroadcastDirector;
  sources: BroadcastSources;
  previews: SourcePreviews;
  verdict: MediaVerdict;
  /** Goes on with what was wanted when control ended. Once everybody listens who follows the broadcast. */
  restore: () => Promise<void>;
  /** What is on the air now is not to go on. */
  forget: () => Promise<void>;
}

/** Joins the broadcast to the daemons that carry it. */
export async function openBroadcast(
  deps: Pick<ControlContext, 'paths' | 'clock' | 'logger'> & {
    settings: Pick<OpenSettings, 'store' | 'current' | 'watch'>;
    board: Pick<Board, 'affordable' | 'power'>;
    domain: Domain;
    link: Pick<Link, 'host' | 'pulse'>;
    hls: HlsOrigin;
  },
): Promise<Broadcasting> {
  const { paths, clock, logger, board, hls } = deps;
  const settings = deps.settings.current;
  const { broadcast, audience, quality, encoderLoad } = deps.domain;
  const { host: link, pulse } = deps.link;
  const parts = new Parts();

  const desiredStore = new DesiredStore({
    path: join(paths.runtimeDirectory, 'desired.json'),
    lastingPath: join(paths.dataDirectory, 'on-air.json'),
    resumeOnBoot: () => settings().broadcast.resumeOnBoot,
    logger,
  });
  broadcast.events.on('desiredChanged', (desired) => void desiredStore.save(desired));

  const path = join(paths.runtimeDirectory, 'taken-source.json');
  const sources = parts.own(new BroadcastSources({ broadcast, link, path, clock, logger }));
  await sources.start();
  const director = parts.own(
    new BroadcastDirector({
      broadcast,
      audience,
      link,
      hls,
      settings: board.affordable,
      taken: () => sources.taken,
      clock,
    }),
  );
  sources.events.on('takenChanged', () => director.applySources());
  deps.settings.watch('', () => director.applySettings());
  pulse.events.on('pulseChanged', ({ silent }) => {
    if (silent) director.missEgress();
  });
  director.start();
  followSlowLine({ director, broadcast, audience, link, settings, clock });
  const previews = new SourcePreviews({ link, sources, settings, clock });
  previews.start();
  followQuality({
    quality,
    encoderLoad,
    broadcast,
    director,
    link,
    settingsStore: deps.settings.store,
    settings,
  });
  guardPower({ watch: board.power, broadcast, quality, director, logger });
  board.power.start(); // now that its first finding is acted on
  return {
    director,
    sources,
    previews,
    verdict: new MediaVerdict({ broadcast, link, settings, clock }),
    restore: async () => broadcast.restore(await desiredStore.load()),
    forget: () => desiredStore.save({ live: false, startTime: null }),
    close: () => parts.close(),
  };
}

/** Asks the encoder for less where a destination's line is too slow for the bitrate, and nobody else watches. */
function followSlowLine(options: {
  director: Pick<BroadcastDirector, 'followLine'>;
  broadcast: Pick<Broadcast, 'events' | 'wanted'>;
  audience: Pick<Audience, 'viewers'>;
  link: Pick<LinkHost, 'events'>;
  settings: () => Settings;
  clock: Clock;
}): void {
  const { director, broadcast, audience, link, settings, clock } = options;
  const line = new SlowLine({ clock });
  let isRecorded = false;
  link.events.on('outputs', (message) => {
    if (message.type === 'recording_report') isRecorded = message.payload.state === 'recording';
    if (message.type !== 'outputs_report') return;
    const othersWatch = audience.viewers > 0 || isRecorded;
    line.observe(message.payload.outputs, { othersWatch, ceilingKbps: settings().video.bitrateKbps });
    director.followLine(line.limitKbps);
  });
  broadcast.events.on('broadcastChanged', () => {
    if (broadcast.wanted) return;
    line.reset();
    director.followLine(null);
  });
}
