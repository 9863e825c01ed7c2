import { type IssueReports, issueType } from '#core/domain/issue-reports.ts';
import type { FromEgress } from '#core/protocol/link.ts';
import { endReason } from '#core/protocol/nova.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { EncoderLoad } from '../domain/encoder-load.ts';
import type { LinkHost } from '../link/link-host.ts';
import { counter, gauge, type Metric } from './exposition.ts';

type EgressProgress = Extract<FromEgress, { type: 'egress_progress' }>['payload'];

/** Counts what happened since the start, and keeps what egress said last. */
export class Tallies {
  readonly #ended = zeroes(endReason.options);
  readonly #reported = zeroes(issueType.options);
  #started = 0;
  #interrupted = 0;
  #overruns = 0;
  #egress: EgressProgress | null = null;

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
    });
    sources.link.events.on('left', ({ daemon }) => {
      if (daemon === 'egress') this.#egress = null;
    });
  }

  get metrics(): Metric[] {
    const egress = this.#egress;
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
