import { webAddress } from '#core/domain/page-address.ts';
import { accessPointAddress, WifiError } from '#core/hardware/network/wifi.ts';
import { forgetWifi, getWifi, joinWifi, scanWifi, type WifiBody } from '#core/protocol/endpoints/wifi.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Route } from '../http/router.ts';
import { answer, type Served, serve } from '../http/serve.ts';
import type { Lan } from '../network/lan.ts';
import type { WifiState } from '../network/wifi-desk.ts';
import { confirmWithinMs } from '../network/wifi-joins.ts';

export interface WifiServices {
  lan: Pick<Lan, 'wifi' | 'address' | 'accessPoint'>;
  httpPort: () => number | null;
}

/** `/api/v1/wifi`: which networks there are, and which one the box is in. */
export function wifiRoutes(services: WifiServices): Route[] {
  const { wifi } = services.lan;
  return [
    serve(getWifi, async ({ authority }) => wifiBodyOf(await wifi.state(), services, authority === 'link')),
    serve(scanWifi, async () => {
      const networks = await explained(() => wifi.scan());
      const { reading } = await wifi.state();
      return {
        networks: networks.map(({ ssid, signalPercent, security }) => ({
          ssid,
          signalPercent,
          secured: security !== 'open' && security !== 'enhanced-open',
          saved: reading.saved.includes(ssid),
        })),
      };
    }),
    serve(joinWifi, (asked) => join(asked, services)),
    serve(
      forgetWifi,
      async ({ params }) => await explained(() => wifi.forget(params.ssid)).then(() => undefined),
    ),
  ];
}

async function join(asked: Served<typeof joinWifi>, services: WifiServices) {
  const { request, response, authority, body: wanted } = asked;
  const { wifi } = services.lan;
  const { reading } = await wifi.state();
  if (!reading.available) await explained(() => Promise.reject(new WifiError('wifi-unavailable')));
  wifi.joins.refuseWhileJoining();
  if (authority === 'link' || !wifi.comesByRadio(request.socket.localAddress)) {
    await explained(() => wifi.joins.join(wanted, { confirm: false }));
    return answer(200, { ssid: wanted.ssid, address: services.lan.address, confirmBy: null });
  }
  // From the access point there is no way back to confirm on: that network is gone once one is joined.
  const confirm = !wifi.accessPointOpen;
  response.once('close', () => {
    wifi.joins.join(wanted, { confirm }).catch(() => {}); // `failure` says why
  });
  const confirmBy = confirm ? new Date(Date.now() + confirmWithinMs).toISOString() : null;
  return answer(202, { ssid: wanted.ssid, address: null, confirmBy }, { connection: 'close' });
}

/** @param whole with the passphrase of the own access point */
export function wifiBodyOf(state: WifiState, services: WifiServices, whole: boolean): WifiBody {
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
