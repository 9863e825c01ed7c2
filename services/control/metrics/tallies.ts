import { type IssueReports, issueType } from '#core/domain/issue-reports.ts';
import type { FromEgress } from '#core/protocol/link/egress.ts';
import { endReason } from '#core/protocol/nova.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { EncoderLoad } from '../domain/encoder-load.ts';
import type { LinkHost } from '../link/link-host.ts';
import { counter, gauge, type Metric } from './exposition.ts';

type EgressLoad = Extract<FromEgress, { type: 'egress_load' }>['payload'];
type EgressProgress = Extract<FromEgress, { type: 'egress_progress' }>['payload'];

/** Counts what happened since the start, and keeps what egress said last. */
export class Tallies {
  readonly #ended = zeroes(endReason.options);
  readonly #reported = zeroes(issueType.options);
  #started = 0;
  #interrupted = 0;
  #overruns = 0;
  #egress: EgressProgress | null = null;
  #load: EgressLoad | null = null;
  #skippedFrames = 0;

  constructor(sources: {
    broadcast: Broadcast;
    encoderLoad: EncoderLoad;
    reports: IssueReports;
    link: Pick<LinkHost, 'events'>;
  }) {
    sources.broadcast.events.on('broadcastStarted', () => {
      this.#started += 1;
    });
    sources.broadcast.events.on('broadcastInterrupted', () => {
      this.#interrupted += 1;
    });
    sources.broadcast.events.on('broadcastEnded', ({ reason }) => increment(this.#ended, reason));
    sources.encoderLoad.events.on('encoderOverrun', () => {
      this.#overruns += 1;
    });
    sources.reports.events.on('issueReported', ({ issueType }) => increment(this.#reported, issueType));
    sources.link.events.on('egress', (message) => {
      if (message.type === 'egress_progress') this.#egress = message.payload;
      if (message.type === 'egress_load') {
        this.#load = message.payload;
        this.#skippedFrames += message.payload.skippedFrames;
      }
    });
    sources.link.events.on('left', ({ daemon }) => {
      if (daemon !== 'egress') return;
      this.#egress = null;
      this.#load = null;
    });
  }

  get metrics(): Metric[] {
    const egress = this.#egress;
    const load = this.#load;
    return [
      counter('onair_broadcasts_started_total', 'Broadcasts that went live.', this.#started),
      byLabel('onair_broadcasts_ended_total', 'Broadcasts that ended, by reason.', 'reason', this.#ended),
      counter(
        'onair_broadcast_interruptions_total',
        'Times that pictures ceased in a broadcast.',
        this.#interrupted,
      ),
      counter('onair_encoder_overruns_total', 'Times that the encoder fell behind.', this.#overruns),
      byLabel('onair_issue_reports_total', 'Issues that viewers reported, by type.', 'type', this.#reported),
      gauge('onair_webrtc_sessions', 'WebRTC sessions, connecting ones too.', egress?.sessions ?? null),
      gauge('onair_webrtc_sessions_connected', 'WebRTC sessions that play.', egress?.connected ?? null),
      gauge(
        'onair_webrtc_loss_ratio',
        'Share of packets that viewers missed in the last second, 0 to 1.',
        egress?.lossRatio ?? null,
      ),
      gauge(
        'onair_webrtc_target_bytes_per_second',
        "Bitrate that the viewers' links take, and the encoder is told.",
        load ? load.targetKbps * 125 : null,
      ),
      gauge(
        'onair_webrtc_full',
        '1 while newcomers are refused, since this machine can serve no more.',
        load && Number(load.full),
      ),
      gauge(
        'onair_webrtc_sender_busy_ratio',
        "Part of one processor's time that sending takes, 0 to 1.",
        load?.engineBusyRatio ?? null,
      ),
      gauge(
        'onair_webrtc_sender_late_seconds',
        'How late frames left in the last second, 95th percentile.',
        load?.engineLateMs == null ? null : load.engineLateMs / 1000,
      ),
      counter(
        'onair_webrtc_skipped_frames_total',
        'Frames left out for viewers who had fallen 200 ms behind.',
        this.#skippedFrames,
      ),
    ];
  }
}

/** Every label stands there from the start, as rates need it. */
function zeroes(labels: readonly string[]): Map<string, number> {
  return new Map(labels.map((label) => [label, 0]));
}

function increment(counts: Map<string, number>, label: string): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}

function byLabel(name: string, help: string, label: string, counts: ReadonlyMap<string, number>): Metric {
  const samples = [...counts].map(([value, count]) => ({ labels: { [label]: value }, value: count }));
  return { name, help, type: 'counter', samples };
}
