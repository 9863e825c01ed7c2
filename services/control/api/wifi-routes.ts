import { webAddress } from '#core/domain/page-address.ts';
import { accessPointAddress, WifiError } from '#core/hardware/network/wifi.ts';
import {
  type WifiBody,
  wifiBody,
  wifiJoined,
  wifiJoinRequest,
  wifiScan,
} from '#core/protocol/operator-api.ts';
import { readJson, sendJson } from '../http/body.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RequestContext, Route } from '../http/router.ts';
import type { Lan } from '../network/lan.ts';
import type { WifiState } from '../network/wifi-desk.ts';
import { confirmWithinMs } from '../network/wifi-joins.ts';

interface Services {
  lan: Pick<Lan, 'wifi' | 'address' | 'accessPoint'>;
  httpPort: () => number | null;
}

const path = '/api/v1/wifi';

/** `/api/v1/wifi`: which networks there are, and which one the box is in. */
export function wifiRoutes(services: Services): Route[] {
  const { wifi } = services.lan;
  return [
    {
      method: 'GET',
      path,
      operator: true,
      doc: {
        tag: 'wifi',
        summary: 'Which wireless network the box is in, and which it knows',
        description: 'The passphrase of the own access point only on the own socket.',
        answers: { 200: wifiBody },
      },
      handle: async ({ response, authority }) => {
        sendJson(response, 200, bodyOf(await wifi.state(), services, authority === 'link'));
      },
    },
    {
      method: 'POST',
      path: `${path}/scan`,
      operator: true,
      doc: {
        tag: 'wifi',
        summary: 'Listens for networks: the strongest first',
        description: 'While the own access point is open: what was heard before it opened.',
        answers: { 200: wifiScan },
      },
      handle: async ({ response }) => {
        const networks = await explained(() => wifi.scan());
        const { reading } = await wifi.state();
        sendJson(response, 200, {
          networks: networks.map(({ ssid, signalPercent, security }) => ({
            ssid,
            signalPercent,
            secured: security !== 'open' && security !== 'enhanced-open',
            saved: reading.saved.includes(ssid),
          })),
        });
      },
    },
    {
      method: 'POST',
      path: `${path}/join`,
      operator: true,
      doc: {
        tag: 'wifi',
        summary: 'Joins a network, and remembers it',
        description:
          'Without `passphrase` an open or a saved one. Who comes by the radio itself hears 202 at once, since joining cuts that connection; `failure` of `GET /api/v1/wifi` says how it went, and unless `POST /api/v1/settings/confirm` comes until `confirmBy`, the network before comes back.',
        request: wifiJoinRequest,
        answers: { 200: wifiJoined, 202: wifiJoined },
      },
      handle: (context) => join(context, services),
    },
    {
      method: 'DELETE',
      path: `${path}/networks/:ssid`,
      operator: true,
      doc: {
        tag: 'wifi',
        summary: 'Forgets a saved network',
        answers: { 204: { description: 'It is forgotten' } },
      },
      handle: async ({ response, params }) => {
        await explained(() => wifi.forget(params.ssid ?? ''));
        response.writeHead(204).end();
      },
    },
  ];
}

async function join(context: RequestContext, services: Services): Promise<void> {
  const { request, response } = context;
  const { wifi } = services.lan;
  const wanted = await readJson(request, wifiJoinRequest);
  const { reading } = await wifi.state();
  if (!reading.available) await explained(() => Promise.reject(new WifiError('wifi-unavailable')));
  wifi.joins.refuseWhileJoining();
  if (context.authority === 'link' || !wifi.comesByRadio(request.socket.localAddress)) {
    await explained(() => wifi.joins.join(wanted, { confirm: false }));
    sendJson(response, 200, { ssid: wanted.ssid, address: services.lan.address, confirmBy: null });
    return;
  }
  // From the access point there is no way back to confirm on: that network is gone once one is joined.
  const confirm = !wifi.accessPointOpen;
  response.once('close', () => {
    wifi.joins.join(wanted, { confirm }).catch(() => {}); // `failure` says why
  });
  const confirmBy = confirm ? new Date(Date.now() + confirmWithinMs).toISOString() : null;
  sendJson(response, 202, { ssid: wanted.ssid, address: null, confirmBy }, { connection: 'close' });
}

function bodyOf(state: WifiState, services: Services, whole: boolean): WifiBody {
  const { reading, joining, confirmBy, failure } = state;
  const { ssid, passphrase } = services.lan.accessPoint;
  const address = webAddress(accessPointAddress, services.httpPort());
  return {
    available: reading.available,
    connected: reading.connected,
    saved: reading.saved,
    accessPoint: reading.accessPoint ? { ssid, address, ...(whole ? { passphrase } : {}) } : null,
    joining,
    confirmBy,
    failure,
  };
}

/** Wi-Fi's own reasons as problems. */
async function explained<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof WifiError)) throw error;
    const status = error.code === 'wifi-unavailable' ? 503 : 422;
    throw new HttpProblem({ status, code: error.code, title: error.message, action: error.action });
  }
}
