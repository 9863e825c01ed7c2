import { z } from 'zod';
import { deviceList, listDevices } from '#core/protocol/endpoints/devices.ts';
import { command } from '../command.ts';

export const devicesCommand = command({
  method: 'devices',
  summary: 'This box, and the boxes that have it as their hub',
  arguments: [],
  params: z.strictObject({}),
  result: deviceList,
  run: async (_, { box, signal }) => await box.call(listDevices, { signal }),
  show: ({ devices }) => {
    const width = Math.max(0, ...devices.map(({ id }) => id.length));
    return devices
      .map(({ id, name, online, own, presence }) => {
        const figures = [
          presence?.battery === undefined ? null : `battery ${presence.battery} %`,
          presence?.temperature === undefined ? null : `${Math.round(presence.temperature)} C`,
          presence?.recording ? 'on air' : null,
        ].filter(Boolean);
        const words = [`${name}${own ? ' (this box)' : ''}`, ...figures].join(', ');
        return `${id.padEnd(width)}  ${online ? 'online ' : 'offline'}  ${words}`;
      })
      .join('\n');
  },
});
