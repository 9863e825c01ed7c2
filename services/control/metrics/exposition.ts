/** One figure with its labels; a histogram's carry a suffix (`_bucket`, `_sum`, `_count`). */
export interface Sample {
  labels?: Readonly<Record<string, string>>;
  suffix?: string;
  value: number;
}

/** A metric in Prometheus's sense: its name ends in its base unit, counters in `_total`. */
export interface Metric {
  name: string;
  help: string;
  type: 'gauge' | 'counter' | 'histogram';
  samples: readonly Sample[];
}

/** The content type of the text format, https://prometheus.io/docs/instrumenting/exposition_formats. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/** Renders metrics in Prometheus's text format; one without samples is left out, since nothing is known of it. */
export function renderMetrics(metrics: readonly Metric[]): string {
  const lines: string[] = [];
  for (const { name, help, type, samples } of metrics) {
    if (samples.length === 0) continue;
    lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`);
    for (const { labels, suffix = '', value } of samples) {
      lines.push(`${name}${suffix}${renderLabels(labels)} ${renderValue(value)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** A gauge of one figure; no sample where it isn't known. */
export function gauge(name: string, help: string, value: number | boolean | null): Metric {
  return { name, help, type: 'gauge', samples: value === null ? [] : [{ value: Number(value) }] };
}

/** A counter of one figure; no sample where it isn't known. */
export function counter(name: string, help: string, value: number | null): Metric {
  return { name, help, type: 'counter', samples: value === null ? [] : [{ value }] };
}

function renderLabels(labels: Sample['labels']): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function renderValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
