import { setTimeout as pass } from 'node:timers/promises';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { ViewerPage } from '../support/viewer-page.ts';
import { beLive, type Rig, type Spread, spreadOf } from './rig.ts';

const sampleMs = 10_000;
/** The first offsets are of a player that still finds its pace. */
const settleSamples = 3;

/** One viewer for the whole time: what the board does meanwhile, and whether sound and picture drift apart. */
export async function measureLongRun(rig: Rig): Promise<{
  minutes: number;
  processorBusyPercent: Spread;
  temperatureCelsius: Spread | null;
  wasThrottled: boolean | null;
  framesPerSecond: number;
  /** Sound after picture, in the last samples less in the first ones. */
  soundDriftMs: number | null;
}> {
  await beLive(rig);
  const viewer = await ViewerPage.open(rig.browser, rig.origin, { path: '/?way=webrtc' });
  await viewer.nextPictures(1);
  const [busy, temperatures, offsets]: number[][] = [[], [], []];
  let throttled: boolean | null = null;
  const framesBefore = (await viewer.received()).framesDecoded;
  const beganMs = performance.now();
  while (performance.now() - beganMs < rig.minutes * 60_000) {
    await pass(sampleMs);
    const metrics = parsePrometheusText(await (await fetch(`${rig.origin}/metrics`)).text());
    const read = (name: string): number | undefined => metrics.get(name)?.samples[0]?.value;
    const share = read('onair_processor_busy_ratio');
    if (share !== undefined) busy?.push(100 * share);
    const temperature = read('onair_temperature_celsius');
    if (temperature !== undefined) temperatures?.push(temperature);
    const isThrottled = read('onair_throttled');
    if (isThrottled !== undefined) throttled = throttled === true || isThrottled > 0;
    const offsetMs = await viewer.page.evaluate(soundOffsetMs);
    if (offsetMs !== null) offsets?.push(offsetMs);
  }
  const frames = (await viewer.received()).framesDecoded - framesBefore;
  const seconds = (performance.now() - beganMs) / 1_000;
  await viewer.close();
  const settled = (offsets ?? []).slice(settleSamples);
  const part = Math.max(1, Math.floor(settled.length / 5));
  const [first, last] = [spreadOf(settled.slice(0, part)), spreadOf(settled.slice(-part))];
  return {
    minutes: rig.minutes,
    processorBusyPercent: spreadOf(busy ?? []),
    temperatureCelsius: temperatures?.length ? spreadOf(temperatures) : null,
    wasThrottled: throttled,
    framesPerSecond: Math.round((frames / seconds) * 10) / 10,
    soundDriftMs: settled.length > 1 ? Math.round(last.median - first.median) : null,
  };
}

/** In the page: how much later sound is played than the picture of the same moment; null before both are known. */
async function soundOffsetMs(): Promise<number | null> {
  const { connections } = (globalThis as unknown as { onairProbe: { connections: RTCPeerConnection[] } })
    .onairProbe;
  const at: Record<string, number> = {};
  for (const entry of (await connections.at(-1)?.getStats())?.values() ?? []) {
    if (entry.type === 'inbound-rtp' && entry.estimatedPlayoutTimestamp)
      at[entry.kind] = entry.estimatedPlayoutTimestamp;
  }
  const { video, audio } = at;
  return video === undefined || audio === undefined ? null : video - audio;
}
