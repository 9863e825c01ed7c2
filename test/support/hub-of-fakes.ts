import { BroadcastDirector } from '#control/broadcast/broadcast-director.ts';
import { Audience } from '#control/domain/audience.ts';
import { Broadcast } from '#control/domain/broadcast.ts';
import { HlsOrigin } from '#control/hls/origin.ts';
import { LinkHost } from '#control/link/link-host.ts';
import { initialSettings } from '#core/domain/settings.ts';
import type { FragmentHeader } from '#core/protocol/fragment.ts';
import { DrivenClock } from './driven-clock.ts';
import { FakeDaemon } from './fake-daemon.ts';
import { keepingLogger } from './link-pair.ts';

const streamId = '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f';

/** Control's middle with driven time and daemons that are none. */
export function hubOfFakes() {
  const clock = new DrivenClock();
  const { logger, kept } = keepingLogger();
  const state = { settings: initialSettings({ deviceId: 'box-1', streamId }) };
  const broadcast = new Broadcast({ clock });
  const audience = new Audience({ clock, max: 10 });
  const link = new LinkHost({ logger, deviceId: () => 'box-1' });
  const hls = new HlsOrigin({
    settings: { ...state.settings.hls, keyFrameIntervalSeconds: 1, framesPerSecond: 30 },
    sequence: { load: () => null, save: () => {} },
    logger,
    clock,
  });
  const director = new BroadcastDirector({
    broadcast,
    audience,
    link,
    hls,
    settings: () => state.settings,
    clock,
  });
  director.start();
  const media = new FakeDaemon('media', link);
  const egress = new FakeDaemon('egress', link);

  let pipelines = 0;
  let sequence = 0;
  const pipelineId = (): string => `p${pipelines}`;
  /** Media says how its pipeline is. */
  const pipeline = (pipelineState: string, reason: object | null = null): void => {
    if (pipelineState === 'starting') {
      pipelines += 1;
      sequence = 0;
    }
    media.say('media_state', {
      state: pipelineState,
      pipelineId: pipelineState === 'idle' ? null : pipelineId(),
      reason,
      format: null,
      attempt: 0,
    });
  };
  const send = (header: FragmentHeader): void => media.send({ header, bytes: new Uint8Array(8) });
  /** One LL-HLS part of the pipeline that runs. */
  const part = (): void => {
    if (sequence === 0)
      send({ kind: 'init', pipelineId: pipelineId(), codecs: 'avc1.42c01f', width: 1280, height: 720 });
    send({
      kind: 'part',
      pipelineId: pipelineId(),
      sequence,
      independent: sequence % 5 === 0,
      durationSeconds: 0.2,
      capturedAtMs: clock.nowMs(),
    });
    sequence += 1;
  };
  const flow = (flowing: boolean): void => egress.say('egress_flow', { flowing });
  const egressReady = (videoPort = 5000): void => {
    egress.say('egress_ready', { engine: 'werift', webrtcPort: 8189, videoPort, audioPort: videoPort + 2 });
  };
  /** Parts come every 200 ms for so long. */
  const play = (durationMs: number): void => {
    for (let playedMs = 0; playedMs < durationMs; playedMs += 200) {
      part();
      clock.advance(200);
    }
  };
  return {
    ...{ clock, kept, state, broadcast, audience, link, hls, director, media, egress },
    ...{ pipeline, part, flow, egressReady, play },
  };
}

/** Everybody is here; nothing is on air. */
export function readyHub() {
  const hub = hubOfFakes();
  hub.egress.join();
  hub.egressReady();
  hub.media.join();
  hub.pipeline('idle');
  hub.media.told();
  hub.egress.told();
  return hub;
}

/** Pictures and packets flow. */
export function liveHub() {
  const hub = readyHub();
  hub.broadcast.start();
  hub.pipeline('starting');
  hub.pipeline('running');
  hub.flow(true);
  hub.part();
  hub.media.told();
  return hub;
}
