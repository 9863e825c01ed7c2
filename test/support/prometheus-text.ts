/** One sample of Prometheus's text format. */
export interface ParsedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface ParsedMetric {
  help: string;
  type: string;
  samples: ParsedSample[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Reads the text format strictly (https://prometheus.io/docs/instrumenting/exposition_formats), and what its authors
 * ask of names and units.
 * @throws Error saying which line is wrong
 */
export function parsePrometheusText(text: string): Map<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const metrics = new Map<string, ParsedMetric>();
  const seen = new Set<string>();
  let current: [string, ParsedMetric] | null = null;
  let help: [string, string] | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (!metricName.test(name)) fail('no name of a metric');
      help = [name, rest];
    } else if (keyword === 'TYPE') {
      if (help?.[0] !== name) fail('TYPE without its HELP');
      if (metrics.has(name)) fail('twice');
      if (!/^(counter|gauge|histogram|summary)$/.test(rest)) fail('no such type');
      checkName(name, rest);
      current = [name, { help: help?.[1] ?? '', type: rest, samples: [] }];
      metrics.set(...current);
    } else {
      const sample = parseSample(line) ?? fail('no sample');
      if (current === null || !belongs(sample.name, ...current)) fail('outside of its metric');
      const identity = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(identity)) fail('twice');
      seen.add(identity);
      current?.[1].samples.push(sample);
    }
  }
  for (const [name, metric] of metrics) checkHistogram(name, metric);
  return metrics;
}

function parseSample(line: string): ParsedSample | null {
  const [, name, all, value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) return null;
  const labels: Record<string, string> = {};
  let rest = all ?? '';
  while (rest !== '') {
    const found = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/.exec(rest);
    if (!found) return null;
    labels[found[1] ?? ''] = (found[2] ?? '').replace(/\\(.)/g, (_, each) => (each === 'n' ? '\n' : each));
    rest = rest.slice(found[0].length);
  }
  const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
  return Number.isNaN(number) ? null : { name, labels, value: number };
}

function belongs(sample: string, name: string, { type }: ParsedMetric): boolean {
  if (type !== 'histogram') return sample === name;
  return ['_bucket', '_sum', '_count'].some((suffix) => sample === name + suffix);
}

/** https://prometheus.io/docs/practices/naming: base units, in the plural; counters, and only they, are totals. */
function checkName(name: string, type: string): void {
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is no name for a ${type}`);
  if (/(bits|milliseconds|percent|kbps|_ms|kilobytes|minutes|hours)/.test(name))
    throw new Error(`${name} is not in base units`);
}

function checkHistogram(name: string, { type, samples }: ParsedMetric): void {
  if (type !== 'histogram') return;
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const rising = buckets.every((bucket, index) => {
    const before = buckets[index - 1];
    const bound = ({ labels }: ParsedSample) => Number(labels.le?.replace('+Inf', 'Infinity'));
    return !before || (bucket.value >= before.value && bound(bucket) > bound(before));
  });
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value;
  if (!rising || buckets.at(-1)?.labels.le !== '+Inf' || buckets.at(-1)?.value !== count)
    throw new Error(`${name} does not add up`);
}
