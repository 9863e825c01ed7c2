import { broadcastState } from '#core/domain/broadcast-state.ts';
import { version } from '#core/version.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { WatchSessions } from '../domain/watch-session.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { SocketHost } from '../sockets/socket-host.ts';
import { neededDaemons } from '../status/status.ts';
import { counter, gauge, type Metric } from './exposition.ts';

/** Prometheus counts in bytes, never in bits. */
const bytesPerKilobit = 125;

/** Broadcast, audience, and the daemons and sockets that carry them. */
export function streamMetrics(sources: {
  broadcast: Broadcast;
  audience: Audience;
  director: BroadcastDirector;
  link: LinkHost;
  sockets: SocketHost;
  sessions: WatchSessions;
}): Metric[] {
  const { broadcast, audience, director, link, sockets, sessions } = sources;
  const { state } = broadcast.snapshot;
  const progress = broadcast.wanted ? director.progress : null;
  const bitrateKbps = progress?.bitrateKbps ?? null;
  return [
    {
      name: 'onair_build_info',
      help: 'The version that runs.',
      type: 'gauge',
      samples: [{ labels: { version }, value: 1 }],
    },
    gauge('onair_broadcast_live', 'Whether a broadcast is live.', state === 'live'),
    {
      name: 'onair_broadcast_state',
      help: 'The state of the broadcast: 1 for the one it is in.',
      type: 'gauge',
      samples: broadcastState.options.map((each) => ({
        labels: { state: each },
        value: Number(each === state),
      })),
    },
    gauge('onair_media_advancing', 'Whether pictures and packets advance.', director.advancing),
    gauge('onair_viewers', 'Viewers now.', audience.viewers),
    gauge('onair_viewers_peak', 'Most viewers at one time in this broadcast.', audience.peak),
    gauge('onair_viewers_limit', 'Most viewers that are let in.', audience.max),
    gauge(
      'onair_video_bytes_per_second',
      'Rate of the encoded video, measured over 2 s.',
      bitrateKbps === null ? null : bitrateKbps * bytesPerKilobit,
    ),
    gauge(
      'onair_video_frames_per_second',
      'Frame rate of the video, measured over 2 s.',
      progress?.framesPerSecond ?? null,
    ),
    counter('onair_video_frames_total', 'Frames that the pipeline encoded.', progress?.frames ?? null),
    counter(
      'onair_video_key_frames_total',
      'Key frames that the pipeline encoded.',
      progress?.keyFrames ?? null,
    ),
    {
      name: 'onair_daemon_up',
      help: 'Whether a daemon of the box is connected.',
      type: 'gauge',
      samples: neededDaemons.map((daemon) => ({ labels: { daemon }, value: Number(link.has(daemon)) })),
    },
    {
      name: 'onair_websocket_connections',
      help: 'Web socket clients, by protocol.',
      type: 'gauge',
      samples: [...sockets.connectionsByDialect].map(([protocol, value]) => ({
        labels: { protocol },
        value,
      })),
    },
    gauge(
      'onair_watch_sessions',
      'Watch sessions: WebRTC viewers of this box and of its devices.',
      sessions.size,
    ),
    counter(
      'onair_websocket_messages_dropped_total',
      'Messages that slow web socket clients lost.',
      sockets.droppedMessages,
    ),
  ];
}
