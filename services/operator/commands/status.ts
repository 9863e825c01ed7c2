import { z } from 'zod';
import { getStatus, type LinkStatusBody, linkStatusBody } from '#core/protocol/endpoints/box.ts';
import { type CommandContext, command } from '../command.ts';
import { isInOwnWifi, pageWords } from './pages.ts';

export const statusCommand = command({
  method: 'status',
  summary: 'How the box is',
  arguments: [],
  params: z.strictObject({}),
  result: linkStatusBody,
  run: async (_, { box, signal }) => await box.call(getStatus, { signal }),
  show: describe,
});

function describe(status: LinkStatusBody, { pagesOf, prefix }: CommandContext): string {
  const { device, stream, broadcast, audience, telemetry, daemons, ports } = status;
  const { network, cable } = pageWords(pagesOf(status));
  const lines: [string, string][] = [
    ['Name', `${device.name} (${device.hostname}.local)`],
    ['Page', network ?? `no network yet: ${prefix}wifi join NAME, or plug in a network cable`],
  ];
  if (cable !== null) lines.push(['', cable]);
  if (isInOwnWifi(status)) lines.push(['Wi-Fi', 'the box’s own, as it found no network: see wifi']);
  lines.push(['State', describeState(status)]);
  if (broadcast.reason) lines.push(['Why', broadcast.reason.message], ['To do', broadcast.reason.action]);
  const rate = stream.bitrateKbps === null ? '' : `, ${stream.bitrateKbps} kbit/s`;
  lines.push(['Picture', `${stream.width}x${stream.height}, ${stream.framesPerSecond} fps${rate}`]);
  lines.push(['Viewers', `${audience.viewers} now, ${audience.peak} at most, ${audience.max} allowed`]);
  if (telemetry.batteryPercent !== null) lines.push(['Battery', `${telemetry.batteryPercent} %`]);
  if (telemetry.temperatureCelsius !== null) {
    const heat = telemetry.throttled ? ', too hot: throttled' : '';
    lines.push(['Heat', `${telemetry.temperatureCelsius.toFixed(0)} °C${heat}`]);
  }
  if (telemetry.underVoltage) lines.push(['Power', 'too weak: use a better supply or cable']);
  lines.push(['WebRTC', ports.webrtc === null ? 'not ready' : `UDP port ${ports.webrtc}`]);
  const services = Object.entries(daemons).map(([name, { pid, up }]) =>
    up ? `${name} (${pid})` : `${name} is away`,
  );
  lines.push(['Services', services.join(', ')]);
  for (const { message, action } of status.problems) lines.push(['Wrong', `${message} ${action}`.trim()]);
  lines.push(['Version', device.version]);
  return lines.map(([label, value]) => `${label.padEnd(9)} ${value}`).join('\n');
}

/** "offline, ready to go live", "live since 12:00:01" */
export function describeState({ broadcast, advancing }: LinkStatusBody): string {
  if (broadcast.state === 'offline') return 'offline, ready to go live';
  if (broadcast.state !== 'live') return broadcast.state;
  const since =
    broadcast.startTime === null ? '' : ` since ${new Date(broadcast.startTime).toLocaleTimeString()}`;
  return `live${since}${advancing ? '' : ', but pictures do not advance'}`;
}
