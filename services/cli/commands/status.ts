import { webAddress } from '#core/domain/page-address.ts';
import { getStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import type { LinkApi } from '../link-api.ts';

/** `onair status`: how the box is, for people; `--json` is the link's status. */
export async function showStatus(api: LinkApi, { json }: { json: boolean }): Promise<string> {
  const status = await api.call(getStatus);
  return json ? JSON.stringify(status, null, 2) : describe(status);
}

function describe(status: LinkStatusBody): string {
  const { device, stream, broadcast, audience, telemetry, daemons, ports } = status;
  const lines: [string, string][] = [
    ['Name', `${device.name} (${device.hostname}.local)`],
    ['Page', pageAddresses(status).join(' and ')],
    ['State', stateOf(status)],
  ];
  if (broadcast.reason) {
    lines.push(['Why', broadcast.reason.message], ['To do', broadcast.reason.action]);
  }
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
  return lines.map(([label, value]) => `${label.padEnd(9)} ${value}`).join('\n');
}

function stateOf({ broadcast, advancing }: LinkStatusBody): string {
  if (broadcast.state !== 'live') return broadcast.state;
  const since =
    broadcast.startTime === null ? '' : ` since ${new Date(broadcast.startTime).toLocaleTimeString()}`;
  return `live${since}${advancing ? '' : ', but pictures do not advance'}`;
}

/** Where browsers find the page: on this machine, and on the network where there is one. */
export function pageAddresses({ device, ports }: LinkStatusBody): string[] {
  return [webAddress('localhost', ports.http), ...(device.address === null ? [] : [device.address])];
}
