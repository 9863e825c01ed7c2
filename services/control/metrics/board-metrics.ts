import type { NetworkReading, TelemetryReading } from '#core/domain/telemetry.ts';
import { gauge, type Metric, type Sample } from './exposition.ts';

/** The board's figures; what isn't known is left out. */
export function boardMetrics(reading: TelemetryReading): Metric[] {
  const { batteryPercent, memory, load, disk } = reading;
  return [
    gauge(
      'onair_battery_charge_ratio',
      'Charge of the battery, 0 to 1.',
      batteryPercent === null ? null : batteryPercent / 100,
    ),
    gauge('onair_battery_charging', 'Whether the battery is being charged.', reading.charging),
    gauge('onair_temperature_celsius', 'Temperature of the processor.', reading.temperatureCelsius),
    gauge('onair_throttled', 'Whether the processor is slowed down for heat or voltage.', reading.throttled),
    gauge('onair_under_voltage', 'Whether the supply voltage is too low.', reading.underVoltage),
    gauge('onair_memory_total_bytes', 'Memory of the machine.', memory?.totalBytes ?? null),
    gauge(
      'onair_memory_available_bytes',
      'Memory that programs can still have.',
      memory?.availableBytes ?? null,
    ),
    gauge('onair_load1', 'Runnable tasks, average of 1 minute.', load?.oneMinute ?? null),
    gauge('onair_load5', 'Runnable tasks, average of 5 minutes.', load?.fiveMinutes ?? null),
    gauge('onair_load15', 'Runnable tasks, average of 15 minutes.', load?.fifteenMinutes ?? null),
    gauge(
      'onair_processor_busy_ratio',
      'Share of all processor cores in use, 0 to 1.',
      reading.processorBusyRatio,
    ),
    gauge(
      'onair_disk_total_bytes',
      'Size of the file system that keeps the settings.',
      disk?.totalBytes ?? null,
    ),
    gauge('onair_disk_available_bytes', 'Space left there.', disk?.availableBytes ?? null),
    ...networkMetrics(reading.network),
  ];
}

function networkMetrics(network: readonly NetworkReading[]): Metric[] {
  const samples = (value: (reading: NetworkReading) => number | null): Sample[] =>
    network.flatMap((reading) => {
      const known = value(reading);
      return known === null ? [] : [{ labels: { device: reading.name }, value: known }];
    });
  return [
    {
      name: 'onair_network_up',
      help: 'Whether a network interface is up.',
      type: 'gauge',
      samples: samples(({ up }) => Number(up)),
    },
    {
      name: 'onair_network_receive_bytes_total',
      help: 'Bytes that a network interface received.',
      type: 'counter',
      samples: samples(({ receivedBytes }) => receivedBytes),
    },
    {
      name: 'onair_network_transmit_bytes_total',
      help: 'Bytes that a network interface sent.',
      type: 'counter',
      samples: samples(({ transmittedBytes }) => transmittedBytes),
    },
    {
      name: 'onair_wifi_signal_dbm',
      help: 'Signal of a Wi-Fi interface in dBm.',
      type: 'gauge',
      samples: samples(({ signalDbm }) => signalDbm),
    },
  ];
}
