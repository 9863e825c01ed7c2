import { z } from 'zod';
import type { Clock } from './clock.ts';
import { OnairError } from './errors.ts';
import { EventHub } from './event-hub.ts';
import type { DomainEvents } from './events.ts';

export const issueType = z.enum(['buffering', 'lag', 'quality', 'playback_error', 'other']);
export type IssueType = z.infer<typeof issueType>;

export const issueSeverity = z.enum(['low', 'medium', 'high']);
export type IssueSeverity = z.infer<typeof issueSeverity>;

/** What a viewer says of their own side: words, nothing to rely on. */
export interface ClientInfo {
  player: string;
  browser: string;
  os: string;
  network: string;
  bandwidthEstimateKbps: number;
}

/** What a viewer complained of (nova.md, `report_issue`). */
export interface IssueReport {
  id: string;
  /** ISO 8601 */
  receivedAt: string;
  viewerId: string;
  sessionId: string;
  issueType: IssueType;
  severity: IssueSeverity;
  description: string;
  clientInfo: ClientInfo;
}

export const maxReports = 200;
/** One viewer never fills the list: their own oldest goes first. */
export const maxReportsPerViewer = 20;
export const maxReportsPerMinute = 10;
export const maxDescriptionLength = 2_000;
export const maxClientInfoLength = 128;

/** The latest complaints of viewers, for the operator. Whatever a viewer wrote is cut to size and made printable. */
export class IssueReports {
  readonly events = new EventHub<Pick<DomainEvents, 'issueReported'>>();
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #reports: { report: IssueReport; atMs: number }[] = [];
  #received = 0;

  constructor(options: { clock: Clock; newId: () => string }) {
    this.#clock = options.clock;
    this.#newId = options.newId;
  }

  /** How many came since the start, kept or not. */
  get received(): number {
    return this.#received;
  }

  /** Those that are kept, the latest first. */
  get latest(): IssueReport[] {
    return this.#reports.map(({ report }) => report).reverse();
  }

  /** @throws OnairError `rate-limited` past 10 a minute from one viewer */
  add(reported: Omit<IssueReport, 'id' | 'receivedAt'>): IssueReport {
    const nowMs = this.#clock.monotonicMs();
    const own = this.#reports.filter(({ report }) => report.viewerId === reported.viewerId);
    if (own.filter(({ atMs }) => nowMs - atMs < 60_000).length >= maxReportsPerMinute) {
      throw new OnairError('rate-limited', 'Too many reports; this one was not kept.', {
        action: 'Wait a minute before the next one.',
      });
    }
    const report: IssueReport = {
      id: this.#newId(),
      receivedAt: new Date(this.#clock.nowMs()).toISOString(),
      viewerId: reported.viewerId,
      sessionId: reported.sessionId,
      issueType: reported.issueType,
      severity: reported.severity,
      description: printable(reported.description, maxDescriptionLength),
      clientInfo: printableInfo(reported.clientInfo),
    };
    const oldestOwn = own.length >= maxReportsPerViewer ? own[0] : undefined;
    if (oldestOwn) this.#reports.splice(this.#reports.indexOf(oldestOwn), 1);
    else if (this.#reports.length >= maxReports) this.#reports.shift();
    this.#reports.push({ report, atMs: nowMs });
    this.#received += 1;
    this.events.emit('issueReported', report);
    return report;
  }
}

function printableInfo(info: ClientInfo): ClientInfo {
  return {
    player: printable(info.player, maxClientInfoLength),
    browser: printable(info.browser, maxClientInfoLength),
    os: printable(info.os, maxClientInfoLength),
    network: printable(info.network, maxClientInfoLength),
    bandwidthEstimateKbps: info.bandwidthEstimateKbps,
  };
}

/** Without control characters, lone surrogates and what turns the direction of text, at most so long. */
function printable(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength * 2)
    .replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, maxLength)
    .replace(/[\ud800-\udbff]$/, '');
}
