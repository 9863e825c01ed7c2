import type { DevicePresence, HubStore } from '#core/domain/devices.ts';
import type { WatchedDevice } from '#core/domain/watch-session.ts';
import { type DeviceBody, deviceRequest } from '#core/protocol/api.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import { readJson, sendJson } from '../http/body.ts';
import type { Route } from '../http/router.ts';
import type { DeviceSwitchboard } from '../hub/device-switchboard.ts';

interface Services {
  store: HubStore;
  switchboard: DeviceSwitchboard;
  identity: ViewerIdentity;
  own: () => { id: string; name: string; device: WatchedDevice; presence: DevicePresence };
}

/** `/api/v1/devices` (design.md, "Shapes"): this box, and those that join it as their hub. */
export function deviceRoutes(services: Services): Route[] {
  const { switchboard, identity } = services;
  const path = '/api/v1/devices';
  return [
    {
      method: 'GET',
      path,
      handle: async ({ request, response, authority }) => {
        if (authority !== 'link') await identity.admit(request);
        sendJson(response, 200, { devices: await listDevices(services) });
      },
    },
    {
      method: 'POST',
      path,
      operator: true,
      handle: async ({ request, response }) => {
        sendJson(response, 201, await switchboard.enroll(await readJson(request, deviceRequest)));
      },
    },
    {
      method: 'DELETE',
      path: `${path}/:device`,
      operator: true,
      handle: async ({ response, params }) => {
        await switchboard.remove(params.device ?? '');
        response.writeHead(204).end();
      },
    },
  ];
}

async function listDevices({ store, own }: Services): Promise<DeviceBody[]> {
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
