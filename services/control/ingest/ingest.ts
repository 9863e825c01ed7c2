import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { IngestAddresses } from '#core/protocol/endpoints/ingest.ts';
import type { IngestReport } from '#core/protocol/link/media.ts';
import type { LinkHost } from '../link/link-host.ts';

export type WayIn = keyof IngestReport;
export const waysIn = ['rtmp', 'srt', 'whip'] as const satisfies readonly WayIn[];

const nothing = { port: null, reason: null, publisher: null, notice: null };
interface WebPlace {
  scheme: 'http' | 'https';
  port: number;
}

/** Media's processes are there within this time. */
const settleMs = 4_000;
const silent: IngestReport = { rtmp: nothing, srt: nothing, whip: nothing };

interface Deps {
  settings: () => Settings;
  link: LinkHost;
  host: () => string;
  web: () => WebPlace;
  clock: Clock;
}

/** What others publish to the box: media is told what to take, and says who does; here is where people learn the addresses. */
export class Ingest {
  readonly #deps: Deps;
  readonly events = new EventHub<{
    /** Where it listens, or why not, or who publishes. */
    ingestChanged: undefined;
    /** `since` tells a publisher from the one before */
    publisherJoined: { kind: WayIn; since: string };
    publisherLeft: { kind: WayIn };
  }>();
  #report = silent;
  #told = '';

  /**
   * @param options.host an address of the box by number, without brackets
   * @param options.web where the box's web server is
   */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Why what is switched on is not there. */
  get problems(): Problem[] {
    return waysIn.flatMap((kind) => this.#report[kind].reason ?? []);
  }

  /** `GET /api/v1/ingest` */
  get addresses(): IngestAddresses {
    const { key: set, rtmp, srt, whip, rtmpPort, srtPort } = this.#deps.settings().ingest;
    const key = set ?? '';
    const host = this.#deps.host().includes(':') ? `[${this.#deps.host()}]` : this.#deps.host();
    const known = (kind: WayIn) => {
      const { publisher, reason, notice } = this.#report[kind];
      return { publisher, reason: reason ?? notice };
    };
    const rtmpAt = portText(this.#report.rtmp.port ?? rtmpPort, 1_935);
    const server = `rtmp://${host}${rtmpAt}/live`;
    const srtAt = this.#report.srt.port ?? srtPort;
    return {
      rtmp: rtmp ? { url: `${server}/${key}`, server, key, ...known('rtmp') } : null,
      srt: srt ? { url: `srt://${host}:${srtAt}?streamid=${key}`, ...known('srt') } : null,
      whip: whip ? { url: whipUrl(host, this.#deps.web()), token: key, ...known('whip') } : null,
    };
  }

  /** Waits for what is about to listen, and where: after a start, say, or a change of the settings. */
  async settled(): Promise<void> {
    const isSettled = () => {
      const { rtmp, srt } = this.#deps.settings().ingest;
      const known = (kind: 'rtmp' | 'srt') => this.#report[kind].port !== null || this.#report[kind].reason;
      return (!rtmp || known('rtmp')) && (!srt || known('srt'));
    };
    await new Promise<void>((resolve) => {
      const settle = () => {
        cancel();
        end();
        resolve();
      };
      const cancel = this.#deps.clock.after(settleMs, settle);
      const end = this.events.on('ingestChanged', () => isSettled() && settle());
      if (isSettled()) settle();
    });
  }

  start(): void {
    const { events } = this.#deps.link;
    events.on('joined', ({ daemon }) => {
      if (daemon !== 'media') return;
      this.#told = '';
      this.configure();
    });
    events.on('left', ({ daemon }) => {
      if (daemon === 'media') this.#receive(silent);
    });
    events.on('media', (message) => {
      if (message.type === 'media_ingest_report') this.#receive(message.payload);
    });
  }

  /** Also when the settings changed. */
  configure(): void {
    const { key, rtmp, srt, whip, rtmpPort, srtPort } = this.#deps.settings().ingest;
    const payload = {
      key: key ?? '',
      rtmp: rtmp ? { port: rtmpPort } : null,
      srt: srt ? { port: srtPort } : null,
      whip,
    };
    const told = JSON.stringify(payload);
    if (told === this.#told) return;
    this.#told = told;
    this.#deps.link.sendToMedia({ type: 'media_ingest', payload });
  }

  #receive(report: IngestReport): void {
    const before = this.#report;
    this.#report = report;
    for (const kind of waysIn) {
      const had = before[kind].publisher?.since;
      const has = report[kind].publisher?.since;
      if (had === has) continue;
      if (had !== undefined) this.events.emit('publisherLeft', { kind });
      if (has !== undefined) this.events.emit('publisherJoined', { kind, since: has });
    }
    if (JSON.stringify(before) !== JSON.stringify(report)) this.events.emit('ingestChanged', undefined);
  }
}

function whipUrl(host: string, { scheme, port }: WebPlace): string {
  return `${scheme}://${host}${portText(port, scheme === 'https' ? 443 : 80)}/whip`;
}

function portText(port: number, usual: number): string {
  return port === usual ? '' : `:${port}`;
}
