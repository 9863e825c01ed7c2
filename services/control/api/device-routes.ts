import { type DeviceBody, deviceCreated, deviceList, deviceRequest } from '#core/protocol/api.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { DevicePresence, HubStore } from '../domain/devices.ts';
import type { WatchedDevice } from '../domain/watch-session.ts';
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
      doc: {
        tag: 'devices',
        summary: 'This box, and those that join it as their hub',
        admits: 'viewer',
        answers: { 200: deviceList },
      },
      handle: async ({ request, response, authority }) => {
        if (authority !== 'link') await identity.admit(request);
        sendJson(response, 200, { devices: await listDevices(services) });
      },
    },
    {
      method: 'POST',
      path,
      operator: true,
      doc: {
        tag: 'devices',
        summary: 'Enrols a box; its key is shown this once',
        description:
          'The box sets `hub.url` and `hub.key` to join; any other client shows the key at `/ws/device`.',
        request: deviceRequest,
        answers: { 201: deviceCreated },
      },
      handle: async ({ request, response }) => {
        sendJson(response, 201, await switchboard.enroll(await readJson(request, deviceRequest)));
      },
    },
    {
      method: 'DELETE',
      path: `${path}/:device`,
      operator: true,
      doc: {
        tag: 'devices',
        summary: 'Removes a box; its connection and the sessions of its viewers end',
        answers: { 204: { description: 'It is gone' } },
      },
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
