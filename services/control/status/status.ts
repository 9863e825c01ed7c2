import type { IssueReports } from '#core/domain/issue-reports.ts';
import type { Problem } from '#core/domain/problem.ts';
import { qualityLabel } from '#core/domain/quality.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { LinkStatusBody, StatusBody } from '#core/protocol/endpoints/box.ts';
import { version } from '#core/version.ts';
import type { Telemetry } from '../board/telemetry.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { PowerCondition } from '../domain/power-policy.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { Lan } from '../network/lan.ts';
import type { Outputs } from '../outputs/outputs.ts';

/** The daemons without which the box does not do its job. */
export const neededDaemons = ['media', 'egress', 'panel'] as const;

/** What LANCast's status is made of. */
export interface LancastStream {
  live: boolean;
  resolution: string;
  bitrateKbps: number;
  startTime: string;
}

interface Deps {
  settings: () => Settings;
  broadcast: Broadcast;
  audience: Audience;
  director: BroadcastDirector;
  link: LinkHost;
  telemetry: Telemetry;
  reports: IssueReports;
  httpPort: () => number | null;
  httpsPort?: () => number | null;
  /** How the box is found. */
  lan: Pick<Lan, 'hostname' | 'address' | 'usbAddress'>;
  problems?: () => readonly Problem[];
  powerConditions?: () => readonly PowerCondition[];
  outputs?: Pick<Outputs, 'list' | 'rtspPort'>;
  replayFromMs?: () => number | null;
}

/** Renders how the box is, for every surface that asks. */
export class StatusReport {
  readonly #deps: Deps;
  readonly #httpsPort: () => number | null;
  readonly #problems: () => readonly Problem[];
  readonly #powerConditions: () => readonly PowerCondition[];
  readonly #outputs: Pick<Outputs, 'list' | 'rtspPort'>;
  readonly #replayFromMs: () => number | null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#httpsPort = deps.httpsPort ?? (() => null);
    this.#outputs = deps.outputs ?? { list: [], rtspPort: null };
    this.#replayFromMs = deps.replayFromMs ?? (() => null);
    this.#problems = deps.problems ?? (() => []);
    this.#powerConditions = deps.powerConditions ?? (() => []);
  }

  /** `GET /api/v1/status` */
  get body(): StatusBody {
    const settings = this.#deps.settings();
    const { width, height, framesPerSecond } = this.#format;
    const { batteryPercent, temperatureCelsius, throttled, underVoltage } = this.#deps.telemetry.current;
    const { viewers, peak, max } = this.#deps.audience;
    const replayFromMs = this.#replayFromMs();
    const measured = this.#deps.broadcast.wanted ? this.#deps.director.measuredBitrateKbps : null;
    return {
      device: {
        id: settings.device.id,
        name: settings.device.name,
        hostname: this.#deps.lan.hostname,
        address: this.#deps.lan.address,
        version,
      },
      stream: {
        id: settings.broadcast.streamId,
        title: settings.broadcast.title,
        sound: settings.audio.source !== 'none',
        description: settings.broadcast.description,
        quality: qualityLabel({ width, height }),
        width,
        height,
        framesPerSecond,
        bitrateKbps: measured === null ? null : Math.round(measured),
        replayFrom: replayFromMs === null ? null : new Date(replayFromMs).toISOString(),
      },
      broadcast: this.#deps.broadcast.snapshot,
      audience: { viewers, peak, max },
      telemetry: {
        batteryPercent,
        temperatureCelsius,
        // This shape knows no null for alarms: a board without the sensor raises none.
        throttled: throttled ?? false,
        underVoltage: underVoltage ?? false,
      },
    };
  }

  /** The same over the link and for operators, with what is nobody else's business. */
  get linkBody(): LinkStatusBody {
    const present = this.#deps.link.daemons;
    // The console is there where the box has a serial line; without outputs viewers watch all the same.
    const optional = (['console', 'outputs', 'update'] as const).filter((name) => present[name]);
    const shown = [...neededDaemons, ...optional];
    const daemons = Object.fromEntries(
      shown.map((name) => [name, { pid: present[name]?.pid ?? null, up: present[name] !== undefined }]),
    );
    return {
      ...this.body,
      daemons: { control: { pid: process.pid, up: true }, ...daemons },
      advancing: this.#deps.director.advancing,
      ports: {
        http: this.#deps.httpPort(),
        https: this.#httpsPort(),
        webrtc: this.#deps.director.webrtcPort,
        rtsp: this.#outputs.rtspPort,
      },
      usbAddress: this.#deps.lan.usbAddress,
      powerConditions: [...this.#powerConditions()],
      issueReports: this.#deps.reports.received,
      outputs: this.#outputs.list.map(({ id, name, state, reason }) => ({ id, name, state, reason })),
      webrtc: this.#webrtc,
      problems: [...this.#problems()],
    };
  }

  get #webrtc(): LinkStatusBody['webrtc'] {
    const load = this.#deps.director.webrtcLoad;
    if (load === null) return null;
    const { targetKbps, full } = load;
    const viewers = load.viewers.map(({ user_id: userId, estimateKbps, holdsTarget, keyFramesOnly }) => ({
      userId,
      estimateKbps,
      holdsTarget,
      keyFramesOnly,
    }));
    return { targetKbps, full, viewers };
  }

  /** Full status for operators, public status for others. */
  for(operator: boolean): StatusBody {
    return operator ? this.linkBody : this.body;
  }

  /** What LANCast shows; null where no broadcast has begun. */
  get lancast(): LancastStream | null {
    const { state, startTime } = this.#deps.broadcast.snapshot;
    if (startTime === null) return null;
    const { width, height, bitrateKbps } = this.#format;
    return { live: state === 'live', resolution: `${width}x${height}`, bitrateKbps, startTime };
  }

  /** What really is encoded, else what is set. */
  get #format(): { width: number; height: number; framesPerSecond: number; bitrateKbps: number } {
    return this.#deps.director.format ?? this.#deps.settings().video;
  }
}
