import type { Audience } from '#control/domain/audience.ts';
import type { Broadcast } from '#control/domain/broadcast.ts';
import type { EncoderLoad } from '#control/domain/encoder-load.ts';
import type { Grant } from '#control/domain/grant.ts';
import { batteryEmpty } from '#control/domain/power-policy.ts';
import type { Clock } from '#core/domain/clock.ts';
import type { EndReason } from '#core/domain/events.ts';
import type { IssueReports } from '#core/domain/issue-reports.ts';
import type { StreamQuality } from '#core/domain/quality.ts';
import { novaChannel } from '#core/protocol/channels/nova.ts';
import { type ClientToServer, novaVersion, type ServerToClient } from '#core/protocol/nova.ts';
import type { ViewerIdentity } from '../../access/viewer-identity.ts';
import type { Connection } from '../../sockets/connection.ts';
import type { Dialect, DialectSession, Upgrade } from '../../sockets/dialect.ts';
import { Admission } from './admission.ts';
import { boxFault, type NovaErrorBody, novaErrorBody } from './errors.ts';
import type { PingStatistics } from './heartbeat.ts';
import * as messages from './messages.ts';
import { NovaSession, type ReportIssue } from './session.ts';
import type { StreamFacts } from './stream-facts.ts';
import { ViewerCount } from './viewer-count.ts';

/** "Every 5-10 seconds" */
const bitrateEveryMs = 5_000;
/** Who reconnects within the idle timeout may have missed the end, and is told of it. */
const endIsNewsForMs = 60_000;

const encoderOverrun = novaErrorBody('BUFFER_OVERFLOW', {
  error_message: 'The encoder cannot keep up: pictures are being dropped.',
  suggested_action: 'Nothing: the picture may stutter until it keeps up again',
});

interface Services {
  identity: Pick<ViewerIdentity, 'redeem'>;
  audience: Audience;
  broadcast: Broadcast;
  quality: StreamQuality;
  encoderLoad: EncoderLoad;
  reports: IssueReports;
  facts: () => StreamFacts;
  statistics: PingStatistics;
  clock: Clock;
}

interface Principal {
  viewerId: string;
  grant: Grant;
  address: string;
}

/** Nova on `/api/v1/streams/{stream_id}/ws` (nova.md): what viewers are told of stream, audience and quality. */
export class Nova implements Dialect<ClientToServer, Principal> {
  readonly channel = novaChannel;
  readonly #services: Services;
  readonly #admission: Admission;
  readonly #connections = new Set<Connection>();
  readonly #viewerCount: ViewerCount;
  #endedAtMs: number | null = null;
  #ends: (() => void)[] = [];

  constructor(services: Services) {
    const { identity, audience, facts, clock } = services;
    const streamId = (): string => facts().streamId;
    this.#services = services;
    this.#admission = new Admission({ identity, audience, streamId });
    this.#viewerCount = new ViewerCount({ audience, connections: this.#connections, streamId, clock });
  }

  /** Follows the domain. */
  start(): void {
    const { broadcast, audience, quality, encoderLoad, clock, facts } = this.#services;
    this.#ends = [
      audience.events.on('audienceChanged', () => this.#viewerCount.changed()),
      broadcast.events.on('broadcastStarted', () => this.#tell(messages.streamStarted(facts()))),
      broadcast.events.on('broadcastAborted', ({ reason }) => this.#tellError(boxFault(reason))),
      broadcast.events.on('broadcastEnded', (ended) => {
        // Who heard after 60 s without pictures that it ended hears it once.
        if (!broadcast.missed) this.#tellEnd(ended);
      }),
      broadcast.events.on('broadcastMissed', (missed) => this.#tellEnd(missed)),
      broadcast.events.on('broadcastReturned', () => this.#tell(messages.streamStarted(facts()))),
      broadcast.events.on('broadcastChanged', ({ previous, current }) => {
        const told = current.reason?.code === batteryEmpty.code; // by `broadcastAborted`
        if (current.state !== previous.state && !told) this.#tellError(this.#trouble());
      }),
      quality.events.on('qualityChanged', (change) =>
        this.#tell(messages.qualityChanged(facts(), change, clock.nowMs())),
      ),
      encoderLoad.events.on('encoderOverrun', () => this.#tellError(encoderOverrun)),
      clock.every(bitrateEveryMs, () => {
        if (this.#connections.size > 0) this.#tell(messages.bitrateUpdate(facts(), clock.nowMs()));
      }),
    ];
  }

  #tellEnd(ended: { durationSeconds: number; reason: EndReason }): void {
    const { audience, clock, facts } = this.#services;
    this.#endedAtMs = clock.monotonicMs();
    this.#viewerCount.flush();
    this.#tell(messages.streamEnded(facts(), audience, ended, clock.nowMs()));
  }

  close(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#viewerCount.close();
  }

  async authorize(upgrade: Upgrade): Promise<Principal> {
    const address = upgrade.request.socket.remoteAddress ?? '';
    return { ...(await this.#admission.check(upgrade)), address };
  }

  admit({ viewerId, address }: Principal): void {
    this.#admission.requireRoom(viewerId, address);
  }

  open(connection: Connection, { viewerId, grant, address }: Principal): DialectSession<ClientToServer> {
    connection.admittedBy(grant);
    const { audience, facts, statistics, clock } = this.#services;
    const sessionId = `session_${connection.id}`;
    this.#connections.add(connection);
    this.#viewerCount.welcome(connection);
    const session = new NovaSession({
      connection,
      seat: audience.enter(viewerId, 'nova', { address, displaced: () => connection.close(1013, 'full') }),
      statistics,
      clock,
      host: {
        streamInfo: (requestId) => messages.streamInfo(facts(), audience, requestId, clock.nowMs()),
        report: (issue) => this.#report(issue, { viewerId, sessionId }),
        left: () => {
          this.#connections.delete(connection);
          this.#viewerCount.forget(connection);
        },
      },
    });
    session.say({
      event: 'connection_established',
      data: {
        stream_id: facts().streamId,
        viewer_id: viewerId,
        session_id: sessionId,
        protocol_version: novaVersion,
        timestamp: messages.isoTime(clock.nowMs()),
      },
    });
    const started = messages.streamStarted(facts());
    if (started !== null) session.say(started);
    const trouble = this.#trouble() ?? (started === null ? this.#recentEnd() : null);
    if (trouble !== null) session.sayError(trouble);
    return session;
  }

  /** What is wrong with the broadcast now; null where nothing is. */
  #trouble(): NovaErrorBody | null {
    // Nova's own view: one that is missed has no start time.
    const { state, startTime, reason } = this.#services.facts().broadcast;
    const said = reason === null ? {} : { error_message: reason.message };
    if (state === 'failed' && reason?.code === batteryEmpty.code) return boxFault(reason);
    if (state === 'failed') return novaErrorBody('RTMP_HANDSHAKE_FAILED', said);
    return state === 'retrying' && startTime !== null ? novaErrorBody('RTMP_CONNECTION_LOST', said) : null;
  }

  #recentEnd(): NovaErrorBody | null {
    const { clock, broadcast } = this.#services;
    if (this.#endedAtMs === null || broadcast.snapshot.state === 'starting') return null;
    return clock.monotonicMs() - this.#endedAtMs < endIsNewsForMs ? novaErrorBody('STREAM_ENDED') : null;
  }

  #report(issue: ReportIssue, { viewerId, sessionId }: { viewerId: string; sessionId: string }): void {
    const {
      player,
      browser,
      os,
      network,
      bandwidth_estimate_kbps: bandwidthEstimateKbps,
    } = issue.client_info;
    this.#services.reports.add({
      viewerId,
      sessionId,
      issueType: issue.issue_type,
      severity: issue.severity,
      description: issue.description,
      clientInfo: { player, browser, os, network, bandwidthEstimateKbps },
    });
  }

  #tellError(body: NovaErrorBody | null): void {
    if (body === null) return;
    const timestamp = messages.isoTime(this.#services.clock.nowMs());
    this.#tell({ event: 'error', data: { ...body, timestamp } });
  }

  /** To everybody, encoded once. */
  #tell(message: ServerToClient | null): void {
    if (message === null || this.#connections.size === 0) return;
    const text = messages.encode(message);
    for (const connection of this.#connections) connection.send(text);
  }
}
