/** What the board says of itself; a figure that it doesn't have is null, never invented. */
export interface TelemetryReading {
  /** 0 to 100, of all batteries together. */
  batteryPercent: number | null;
  charging: boolean | null;
  /** The hottest zone of the processor. */
  temperatureCelsius: number | null;
  /** The processor runs slower than it could, for heat or for want of voltage. */
  throttled: boolean | null;
  underVoltage: boolean | null;
  memory: { totalBytes: number; availableBytes: number } | null;
  /** Runnable tasks on average, as `uptime` shows them. */
  load: { oneMinute: number; fiveMinutes: number; fifteenMinutes: number } | null;
  /** Share of all cores since the reading before, 0 to 1; null at the first. */
  processorBusyRatio: number | null;
  /** The file system that keeps the settings. */
  disk: { totalBytes: number; availableBytes: number } | null;
  /** Every interface but loopback. */
  network: NetworkReading[];
  uptimeSeconds: number | null;
}

export interface NetworkReading {
  name: string;
  up: boolean;
  receivedBytes: number;
  transmittedBytes: number;
  /** Of Wi-Fi, in dBm; null where it isn't Wi-Fi, or not connected. */
  signalDbm: number | null;
}

/** Before the first reading nothing is known. */
export const nothingKnown: TelemetryReading = {
  batteryPercent: null,
  charging: null,
  temperatureCelsius: null,
  throttled: null,
  underVoltage: null,
  memory: null,
  load: null,
  processorBusyRatio: null,
  disk: null,
  network: [],
  uptimeSeconds: null,
};

/** As signaling.md, `device_presence`, carries it: what isn't known has no key. */
export type Presence = {
  /** Percent. */
  battery?: number;
  /** °C */
  temperature?: number;
  /** The camera is on air. */
  recording?: boolean;
};

export function presenceOf(
  reading: Pick<TelemetryReading, 'batteryPercent' | 'temperatureCelsius'>,
  recording: boolean,
): Presence {
  const { batteryPercent, temperatureCelsius } = reading;
  return {
    ...(batteryPercent === null ? {} : { battery: batteryPercent }),
    ...(temperatureCelsius === null ? {} : { temperature: temperatureCelsius }),
    recording,
  };
}
