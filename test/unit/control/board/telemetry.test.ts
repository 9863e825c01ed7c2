import t from 'tap';
import type { MachineReading } from '#control/board/machine-figures.ts';
import type { PowerReading } from '#control/board/power.ts';
import { Telemetry } from '#control/board/telemetry.ts';
import { nothingKnown, presenceOf, type TelemetryReading } from '#core/domain/telemetry.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';

const {
  batteryPercent,
  charging,
  temperatureCelsius,
  throttled,
  underVoltage,
  ...machineNothing
}: TelemetryReading = nothingKnown;
const powerNothing: PowerReading = { batteryPercent, charging, temperatureCelsius, throttled, underVoltage };

/** Sensors that say what the test wants, once it lets them. */
function board() {
  const clock = new DrivenClock();
  const says: { power: PowerReading; machine: MachineReading } = {
    power: powerNothing,
    machine: machineNothing,
  };
  const reads = { all: 0, alarms: 0 };
  let held: Promise<void> | null = null;
  const telemetry = new Telemetry({
    clock,
    power: {
      read: async () => {
        reads.all += 1;
        await held;
        return says.power;
      },
      readAlarms: async () => {
        reads.alarms += 1;
        return { throttled: says.power.throttled, underVoltage: says.power.underVoltage };
      },
    },
    machine: { read: async () => says.machine },
  });
  const heard: TelemetryReading[] = [];
  telemetry.events.on('telemetryChanged', (reading) => heard.push(reading));
  const hold = (): (() => void) => {
    let release = (): void => {};
    held = new Promise((resolve) => {
      release = () => {
        held = null;
        resolve();
      };
    });
    return release;
  };
  return { clock, says, reads, telemetry, heard, hold };
}

/** Whatever is resolved already gets its turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Time passes, second by second, with a turn for what each began. */
async function pass(clock: DrivenClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1_000);
    await turn();
  }
}

t.test('read at the start and every 5 s; told when something changed', async (t) => {
  const { clock, says, reads, telemetry, heard } = board();
  t.same(telemetry.current, nothingKnown);
  await telemetry.start();
  t.equal(reads.all, 1);
  t.same(heard, [], 'still nothing known: no news');
  says.power = { ...powerNothing, batteryPercent: 85, temperatureCelsius: 45 };
  await pass(clock, 4);
  t.equal(reads.all, 1);
  await pass(clock, 1);
  t.equal(reads.all, 2);
  t.match(heard, [{ batteryPercent: 85, temperatureCelsius: 45 }]);
  await pass(clock, 5);
  t.equal(heard.length, 1, 'the same again is no news');
  telemetry.close();
  telemetry.close();
  t.equal(clock.timers, 0);
});

t.test('alarms are seen within a second', async (t) => {
  const { clock, says, telemetry, heard } = board();
  await telemetry.start();
  says.power = { ...powerNothing, underVoltage: true, batteryPercent: 12 };
  clock.advance(1_000);
  await turn();
  t.match(heard, [{ underVoltage: true, batteryPercent: null }], 'the rest waits for its time');
  says.power = powerNothing;
  clock.advance(1_000);
  await turn();
  t.equal(telemetry.current.underVoltage, null);
  telemetry.close();
});

t.test('a sensor that hangs gathers no readers', async (t) => {
  const { clock, reads, telemetry, hold } = board();
  await telemetry.start();
  const release = hold();
  await pass(clock, 60);
  t.same(reads, { all: 2, alarms: 4 });
  release();
  await turn();
  await pass(clock, 1);
  t.same(reads, { all: 3, alarms: 4 }, 'and what is overdue comes first afterwards');
  telemetry.close();
});

t.test('presence has no key for what is not known', async (t) => {
  t.same(presenceOf(nothingKnown, false), { recording: false });
  t.same(presenceOf({ batteryPercent: 85, temperatureCelsius: 45 }, true), {
    battery: 85,
    temperature: 45,
    recording: true,
  });
  t.same(presenceOf({ batteryPercent: 0, temperatureCelsius: null }, true), { battery: 0, recording: true });
});
