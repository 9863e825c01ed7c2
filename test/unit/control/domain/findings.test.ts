import t from 'tap';
import { findingsOf } from '#control/domain/findings.ts';
import { linkStatus } from '#test/support/fake-box.ts';

const well = { ...linkStatus(), daemons: { control: { pid: 1, up: true } } };

t.test('a box that is well says so of services, network and broadcast', async (t) => {
  const { healthy, findings } = findingsOf(well, null);
  t.ok(healthy);
  t.same(
    findings.map(({ level, code }) => `${level} ${code}`),
    ['ok services', 'ok network', 'ok broadcast'],
  );
});

t.test('heat, power and battery are as the policy judges them, not by figures of their own', async (t) => {
  const warm = { ...well.telemetry, temperatureCelsius: 81, batteryPercent: 4 };
  t.ok(findingsOf({ ...well, telemetry: warm }, null).healthy, 'it charges, and its board may be as warm');
  const { healthy, findings } = findingsOf(
    { ...well, powerConditions: ['too-hot', 'under-voltage', 'battery-low'] },
    null,
  );
  t.notOk(healthy, 'the supply is too weak');
  t.same(
    findings.slice(3).map(({ level, code }) => `${level} ${code}`),
    ['problem under-voltage', 'warning too-hot', 'warning battery-low'],
  );
});

t.test('problems of the box keep their code and what to do', async (t) => {
  const full = { code: 'card-full', message: 'The card is full.', action: 'Delete recordings.' };
  const { healthy, findings } = findingsOf({ ...well, problems: [full] }, null);
  t.notOk(healthy);
  t.same(findings.at(-1), { level: 'problem', code: 'card-full', what: full.message, action: full.action });
});

t.test('the network: none, the own one, a weak one', async (t) => {
  const away = { ...well, device: { ...well.device, address: null } };
  const own = { ssid: 'Onair-1234', address: 'http://10.42.0.1' };
  const of = (status: typeof well, wifi: Parameters<typeof findingsOf>[1]) =>
    findingsOf(status, wifi).findings[1];
  t.match(of(away, null), { level: 'problem', code: 'no-network' });
  t.match(of(well, { accessPoint: own, connected: null }), { level: 'warning', code: 'own-network' });
  const joined = (signalPercent: number) => ({
    accessPoint: null,
    connected: { ssid: 'Attic', signalPercent },
  });
  t.match(of(well, joined(34)), { level: 'warning', code: 'weak-wifi', what: /Attic is weak here \(34 %\)/ });
  t.match(of(well, joined(35)), { level: 'ok' });
});
