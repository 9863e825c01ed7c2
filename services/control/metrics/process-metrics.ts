import { counter, gauge, type Metric } from './exposition.ts';

/** The control daemon itself, under the names that Prometheus's own client libraries use. */
export function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage();
  const startedAtSeconds = Math.round(performance.timeOrigin) / 1000;
  return [
    counter(
      'process_cpu_seconds_total',
      'Processor time that the control daemon used.',
      (user + system) / 1e6,
    ),
    gauge(
      'process_resident_memory_bytes',
      'Resident memory of the control daemon.',
      process.memoryUsage.rss(),
    ),
    gauge(
      'process_start_time_seconds',
      'When the control daemon started, since 1970-01-01.',
      startedAtSeconds,
    ),
  ];
}
