import { join } from 'node:path';
import type { Test } from 'tap';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { audienceRoutes } from '#control/api/audience-routes.ts';
import { boxRoutes } from '#control/api/box-routes.ts';
import type { Telemetry } from '#control/board/telemetry.ts';
import { Diagnosis } from '#control/diagnosis/diagnosis.ts';
import { History } from '#control/diagnosis/history.ts';
import { Restart } from '#control/diagnosis/restart.ts';
import type { LogSource } from '#control/logs/log-source.ts';
import type { Lan } from '#control/network/lan.ts';
import { nothingKnown } from '#core/domain/telemetry.ts';
import { linkStatus } from './fake-box.ts';
import { hubOfFakes } from './hub-of-fakes.ts';
import { keepingLogger } from './link-pair.ts';
import { identity as boxIdentity, openedSettings } from './settings-folder.ts';
import { webServer } from './web-server.ts';

/** Settings that a diagnosis must not show. */
const secrets = {
  viewing: { pin: '40718293' },
  webrtc: { turn: { secret: 'turn-secret-words' } },
  hub: { key: 'hub-key-words-1234', redisUrl: 'redis://user:redis-password@127.0.0.1:1' },
};

/** A diagnosis of a box that has those. */
export async function diagnosisOf(t: Test, logs: Partial<LogSource>, doctor: () => Promise<string>) {
  const { store, clock } = await openedSettings(t, { 'settings.json': boxIdentity });
  await store.patch(secrets);
  return new Diagnosis({
    reports: { status: () => ({ state: 'live' }) },
    settingsStore: store,
    logs: logs as LogSource,
    doctor,
    clock,
  });
}

/** The box's own routes, with what a restart would have done. */
export async function boxCare(t: Test, options: { reboot?: (() => Promise<void>) | null } = {}) {
  const hub = hubOfFakes();
  const { clock, audience, broadcast, director, link } = hub;
  const { logger } = keepingLogger();
  const { store, folder } = await openedSettings(t, { 'settings.json': boxIdentity });
  const tokens = new TokenKeeper({ path: join(folder, 'token.key') });
  await tokens.start();
  const identity = new ViewerIdentity({ tokens, settings: () => store.current });
  const telemetry = { current: { ...nothingKnown, temperatureCelsius: 51 } } as unknown as Telemetry;
  const history = new History({ audience, broadcast, director, telemetry, clock });
  history.start();
  const did: string[] = [];
  const restart = new Restart({
    link,
    reboot: options.reboot ?? null,
    forgetBroadcast: async () => void did.push('forgotten'),
    endControl: () => void did.push('ended'),
    clock,
    logger,
  });
  const diagnosis = await diagnosisOf(t, { latest: async () => [] }, async () => 'ok');
  const status = { linkBody: linkStatus() };
  const lan = { wifi: { state: async () => Promise.reject(new Error('no radio')) } } as unknown as Lan;
  const noteDelay = (delayMs: number): void => history.noteDelay(delayMs);
  const routes = [
    ...boxRoutes({ history, restart, diagnosis, status, wifi: { lan, httpPort: () => 80 } }),
    ...audienceRoutes({ audience, director, noteDelay, clock }),
  ];
  const { url } = await webServer(t, { routes, admit: (request) => identity.admit(request) });
  const link_ = await webServer(t, { routes, authority: 'link' });
  return { ...hub, store, history, did, url, linkUrl: link_.url };
}
