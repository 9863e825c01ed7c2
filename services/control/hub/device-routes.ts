import {
  type DeviceBody,
  enrollDevice,
  listDevices,
  removeDevice,
} from '#core/protocol/endpoints/devices.ts';
import type { DevicePresence, HubStore } from '../domain/devices.ts';
import type { WatchedDevice } from '../domain/watch-session.ts';
import type { Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';
import type { DeviceSwitchboard } from './device-switchboard.ts';

interface Services {
  store: HubStore;
  switchboard: DeviceSwitchboard;
  own: () => { id: string; name: string; device: WatchedDevice; presence: DevicePresence };
}

/** `/api/v1/devices` (design.md, "Shapes"): this box, and those that join it as their hub. */
export function deviceRoutes(services: Services): Route[] {
  const { switchboard } = services;
  return [
    serve(listDevices, async () => ({ devices: await devicesOf(services) })),
    serve(enrollDevice, async ({ body }) => await switchboard.enroll(body)),
    serve(removeDevice, async ({ params }) => void (await switchboard.remove(params.device))),
  ];
}

async function devicesOf({ store, own }: Services): Promise<DeviceBody[]> {
  const { id, name, device, presence } = own();
  const others = await Promise.all(
    (await store.list()).map(async (enrolled): Promise<DeviceBody> => {
      const state = await store.state(enrolled.id);
      return {
        id: enrolled.id,
        name: enrolled.name,
        online: Boolean(state?.nodeId),
        own: false,
        presence: state?.presence ?? null,
        lastSeenAt: state ? new Date(state.lastSeenAtMs).toISOString() : null,
      };
    }),
  );
  return [
    { id, name, online: device.online, own: true, presence, lastSeenAt: new Date().toISOString() },
    ...others,
  ];
}
