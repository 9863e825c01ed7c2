import t, { type Test } from 'tap';
import { SysfsPower } from '#control/board/power.ts';
import { SystemFiles } from '#test/support/system-files.ts';

async function read(t: Test, files: Record<string, string | number>) {
  const tree = await SystemFiles.make(t, files);
  return await new SysfsPower({ root: tree.root }).read();
}

const nothing = {
  batteryPercent: null,
  charging: null,
  temperatureCelsius: null,
  throttled: null,
  underVoltage: null,
};

t.test('a board without sensors says nothing, and nothing is invented', async (t) => {
  t.same(await read(t, {}), nothing);
});

t.test('any battery counts, whatever its name', async (t) => {
  const battery = await read(t, {
    'class/power_supply/pisugar-battery/type': 'Battery',
    'class/power_supply/pisugar-battery/capacity': 85,
    'class/power_supply/pisugar-battery/status': 'Discharging',
    'class/power_supply/usb/type': 'USB',
    'class/power_supply/usb/online': 1,
  });
  t.same(battery, { ...nothing, batteryPercent: 85, charging: false });
});

t.test('charging, full and unknown', async (t) => {
  const charging = async (status: string) =>
    (
      await read(t, {
        'class/power_supply/b/type': 'Battery',
        'class/power_supply/b/capacity': 50,
        'class/power_supply/b/status': status,
      })
    ).charging;
  t.equal(await charging('Charging'), true);
  t.equal(await charging('Full'), false);
  t.equal(await charging('Not charging'), false);
  t.equal(await charging('Unknown'), null);
});

t.test('a gauge without capacity is read by what is left of what is full', async (t) => {
  const ofCharge = await read(t, {
    'class/power_supply/max17040/type': 'Battery',
    'class/power_supply/max17040/charge_now': 1_500_000,
    'class/power_supply/max17040/charge_full': 2_000_000,
  });
  t.equal(ofCharge.batteryPercent, 75);
  const ofEnergy = await read(t, {
    'class/power_supply/BAT0/type': 'Battery',
    'class/power_supply/BAT0/energy_now': 10,
    'class/power_supply/BAT0/energy_full': 40,
  });
  t.equal(ofEnergy.batteryPercent, 25);
});

t.test('what is no battery of the box has no say', async (t) => {
  t.same(
    await read(t, {
      'class/power_supply/hidpp_battery_0/type': 'Battery',
      'class/power_supply/hidpp_battery_0/scope': 'Device',
      'class/power_supply/hidpp_battery_0/capacity': 40,
      'class/power_supply/BAT1/type': 'Battery',
      'class/power_supply/BAT1/present': 0,
      'class/power_supply/BAT1/capacity': 0,
      'class/power_supply/BAT2/type': 'Battery',
      'class/power_supply/BAT2/capacity': 'garbage',
      'class/power_supply/AC/type': 'Mains',
      'class/power_supply/AC/capacity': 100,
    }),
    nothing,
  );
});

t.test('two batteries are one figure; beyond its scale is its end', async (t) => {
  const two = await read(t, {
    'class/power_supply/BAT0/type': 'Battery',
    'class/power_supply/BAT0/capacity': 30,
    'class/power_supply/BAT1/type': 'Battery',
    'class/power_supply/BAT1/capacity': 103,
  });
  t.equal(two.batteryPercent, 65);
});

t.test('the hottest zone counts; faults of sensors do not', async (t) => {
  const { temperatureCelsius } = await read(t, {
    'class/thermal/thermal_zone0/temp': 48_312,
    'class/thermal/thermal_zone1/temp': 51_500,
    'class/thermal/thermal_zone2/temp': -274_000,
    'class/thermal/thermal_zone3/temp': 200_000,
    'class/thermal/cooling_device0/temp': 99_000,
    'class/hwmon/hwmon0/temp1_input': 80_000,
  });
  t.equal(temperatureCelsius, 51.5);
});

t.test('without zones the sensors are asked; 0 °C is a temperature', async (t) => {
  t.equal((await read(t, { 'class/hwmon/hwmon0/temp1_input': 39_000 })).temperatureCelsius, 39);
  t.equal((await read(t, { 'class/thermal/thermal_zone0/temp': 0 })).temperatureCelsius, 0);
});

const getThrottled = 'devices/platform/soc/soc:firmware/get_throttled';

t.test('the firmware’s bits: what is now counts, what was does not', async (t) => {
  const alarms = async (bits: string) => {
    const { throttled, underVoltage } = await read(t, { [getThrottled]: bits });
    return { throttled, underVoltage };
  };
  t.same(await alarms('0'), { throttled: false, underVoltage: false });
  t.same(await alarms('1'), { throttled: false, underVoltage: true });
  t.same(await alarms('2'), { throttled: true, underVoltage: false });
  t.same(await alarms('4'), { throttled: true, underVoltage: false });
  t.same(await alarms('8'), { throttled: true, underVoltage: false });
  t.same(await alarms('50005'), { throttled: true, underVoltage: true });
  t.same(await alarms('f0000'), { throttled: false, underVoltage: false });
  t.same(await alarms('0x50000'), { throttled: false, underVoltage: false });
  t.same(await alarms('broken'), { throttled: null, underVoltage: null });
});

t.test('the voltage sensor has the word where there is one', async (t) => {
  const { underVoltage } = await read(t, {
    [getThrottled]: '0',
    'class/hwmon/hwmon0/name': 'cpu_thermal',
    'class/hwmon/hwmon1/name': 'rpi_volt',
    'class/hwmon/hwmon1/in0_lcrit_alarm': 1,
  });
  t.equal(underVoltage, true);
  const fine = await read(t, {
    'class/hwmon/hwmon1/name': 'rpi_volt',
    'class/hwmon/hwmon1/in0_lcrit_alarm': 0,
  });
  t.equal(fine.underVoltage, false);
});

t.test('other boards are throttled by their cooling devices', async (t) => {
  const cooled = async (state: number) =>
    (
      await read(t, {
        'class/thermal/cooling_device0/type': 'pwm-fan',
        'class/thermal/cooling_device0/cur_state': 3,
        'class/thermal/cooling_device1/type': 'cpufreq-cpu0',
        'class/thermal/cooling_device1/cur_state': state,
      })
    ).throttled;
  t.equal(await cooled(0), false, 'a fan that runs is no throttling');
  t.equal(await cooled(2), true);
});
