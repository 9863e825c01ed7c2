import { z } from 'zod';
import { getStatus, type LinkStatusBody, linkStatusBody } from '#core/protocol/endpoints/box.ts';
import { command } from '../command.ts';
import { isInOwnWifi, pagesOf, pageWords } from './pages.ts';

export const statusCommand = command({
  method: 'status',
  summary: 'How the box is',
  arguments: [],
  params: z.strictObject({}),
  result: linkStatusBody,
  run: async (_, { box, signal }) => await box.call(getStatus, { signal }),
  show: describe,
});

function describe(status: LinkStatusBody): string {
  const { device, stream, broadcast, audience, telemetry, daemons } = status;
  const { network, cable } = pageWords(pagesOf(status));
  const lines: [string, string][] = [
    ['Name', `${device.name} (version ${device.version})`],
    ['Page', network ?? 'no network yet: wifi join NAME, or plug in a network cable'],
  ];
  if (cable !== null) lines.push(['', cable]);
  if (isInOwnWifi(status)) lines.push(['Wi-Fi', 'the box’s own, as it found no network: see wifi']);
  lines.push(['State', describeState(status)]);
  if (broadcast.reason) lines.push(['Why', broadcast.reason.message], ['To do', broadcast.reason.action]);
  const rate = stream.bitrateKbps === null ? '' : `, ${stream.bitrateKbps} kbit/s`;
  lines.push(['Picture', `${stream.width}x${stream.height}, ${stream.framesPerSecond} fps${rate}`]);
  lines.push(['Viewers', `${audience.viewers} now, ${audience.peak} at most, ${audience.max} allowed`]);
  if (telemetry.batteryPercent !== null) lines.push(['Battery', `${telemetry.batteryPercent} %`]);
  if (telemetry.temperatureCelsius !== null)
    lines.push([
      'Heat',
      `${Math.round(telemetry.temperatureCelsius)} C${telemetry.throttled ? ', too hot: slowed down' : ''}`,
    ]);
  if (telemetry.underVoltage) lines.push(['Power', 'too weak: use a better supply or cable']);
  const away = Object.entries(daemons).flatMap(([name, { up }]) => (up ? [] : [`${name} is away`]));
  if (away.length > 0) lines.push(['Services', `${away.join(', ')}; they come back by themselves`]);
  return lines.map(([label, value]) => `${label.padEnd(9)} ${value}`).join('\n');
}

/** "offline, ready to go live" */
export function describeState({ broadcast, advancing }: LinkStatusBody): string {
  switch (broadcast.state) {
    case 'offline':
      return 'offline, ready to go live';
    case 'live':
      return advancing ? 'live' : 'live, but pictures do not advance';
    default:
      return broadcast.state;
  }
}
