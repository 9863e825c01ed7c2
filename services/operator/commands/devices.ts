import { z } from 'zod';
import {
  deviceCreated,
  deviceList,
  deviceRequest,
  enrollDevice,
  listDevices,
  removeDevice,
} from '#core/protocol/endpoints/devices.ts';
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
          presence?.temperature === undefined ? null : `${Math.round(presence.temperature)} °C`,
          presence?.recording ? 'on air' : null,
        ].filter(Boolean);
        const words = [`${name}${own ? ' (this box)' : ''}`, ...figures].join(', ');
        return `${id.padEnd(width)}  ${online ? 'online ' : 'offline'}  ${words}`;
      })
      .join('\n');
  },
});

export const devicesAddCommand = command({
  method: 'devices.add',
  summary: 'Let another box join this one as its hub',
  details: 'ID is the other box’s own: settings get device.id says it there. Its key is shown this once.',
  arguments: [{ name: 'id' }, { name: 'name', rest: true }],
  params: deviceRequest.extend({ name: deviceRequest.shape.name.optional() }),
  result: deviceCreated,
  run: async ({ id, name = id }, { box, signal }) =>
    await box.call(enrollDevice, { body: { id, name }, signal }),
  show: ({ id, key }, { prefix }) =>
    [
      `${id} is enrolled. Its key, shown this once:`,
      `  ${key}`,
      'On the other box:',
      `  ${prefix}settings set hub.key KEY`,
      `  ${prefix}settings set hub.url ws://THIS-BOX`,
    ].join('\n'),
});

export const devicesRemoveCommand = command({
  method: 'devices.remove',
  summary: 'Remove a box that joined this one',
  arguments: [{ name: 'id' }],
  params: z.strictObject({ id: z.string().min(1).max(128) }),
  result: z.object({ id: z.string() }),
  run: async ({ id }, { box, signal }) => {
    await box.call(removeDevice, { params: { device: id }, signal });
    return { id };
  },
  show: ({ id }) => `${id} is removed.`,
});
