import { enrollDevice, listDevices, removeDevice } from '#core/protocol/endpoints/devices.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

/** `onair devices [list | add ID [NAME] | remove ID]` */
export async function devices(api: LinkApi, [action = 'list', id, name]: string[]): Promise<string> {
  if (action === 'list') return await list(api);
  if (action === 'add' && id) return await add(api, id, name ?? id);
  if (action === 'remove' && id) {
    await api.call(removeDevice, { params: { device: id } });
    return `${id} is removed.`;
  }
  throw new CliError(2, 'Usage: onair devices [list | add ID [NAME] | remove ID]');
}

async function list(api: LinkApi): Promise<string> {
  const { devices: known } = await api.call(listDevices);
  const width = Math.max(...known.map(({ id }) => id.length));
  return known
    .map(({ id, name, online, own, presence }) => {
      const figures = [
        presence?.battery === undefined ? null : `battery ${presence.battery} %`,
        presence?.temperature === undefined ? null : `${presence.temperature.toFixed(0)} °C`,
        presence?.recording ? 'on air' : null,
      ].filter(Boolean);
      return `${id.padEnd(width)}  ${online ? 'online ' : 'offline'}  ${[`${name}${own ? ' (this box)' : ''}`, ...figures].join(', ')}`;
    })
    .join('\n');
}

async function add(api: LinkApi, id: string, name: string): Promise<string> {
  const { key } = await api.call(enrollDevice, { body: { id, name } });
  return [
    `${id} is enrolled. Its key, shown this once:`,
    `  ${key}`,
    'On the other box:',
    '  onair settings set hub.key KEY',
    '  onair settings set hub.url ws://THIS-BOX',
  ].join('\n');
}
