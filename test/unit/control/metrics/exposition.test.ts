import t from 'tap';
import { boardMetrics } from '#control/metrics/board-metrics.ts';
import { counter, gauge, renderMetrics } from '#control/metrics/exposition.ts';
import { Histogram } from '#control/metrics/histogram.ts';
import { ViewerPings } from '#control/metrics/viewer-pings.ts';
import { nothingKnown } from '#core/domain/telemetry.ts';
import { parsePrometheusText } from '#test/support/prometheus-text.ts';

t.test('the text, to the letter', async (t) => {
  const text = renderMetrics([
    gauge('onair_viewers', 'Viewers now.', 3),
    gauge('onair_unknown', 'Nothing is known of it.', null),
    gauge('onair_broadcast_live', 'A \\ and\na line end.', true),
    counter('onair_things_total', 'Things.', 0),
    {
      name: 'onair_labelled',
      help: 'Labels.',
      type: 'gauge',
      samples: [
        { labels: { a: 'x"\\\n', b: 'ü' }, value: 0.5 },
        { labels: { a: '' }, value: Number.POSITIVE_INFINITY },
      ],
    },
  ]);
  t.equal(
    text,
    [
      '# HELP onair_viewers Viewers now.',
      '# TYPE onair_viewers gauge',
      'onair_viewers 3',
      '# HELP onair_broadcast_live A \\\\ and\\na line end.',
      '# TYPE onair_broadcast_live gauge',
      'onair_broadcast_live 1',
      '# HELP onair_things_total Things.',
      '# TYPE onair_things_total counter',
      'onair_things_total 0',
      '# HELP onair_labelled Labels.',
      '# TYPE onair_labelled gauge',
      'onair_labelled{a="x\\"\\\\\\n",b="ü"} 0.5',
      'onair_labelled{a=""} +Inf',
      '',
    ].join('\n'),
  );
  const parsed = parsePrometheusText(text);
  t.same(parsed.get('onair_labelled')?.samples[0]?.labels, { a: 'x"\\\n', b: 'ü' }, 'and reads back');
});

t.test('a histogram counts each observation in every bucket that holds it', async (t) => {
  const histogram = new Histogram({ name: 'onair_x_seconds', help: 'X.', bounds: [0.1, 1] });
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
  const { samples } = parsePrometheusText(renderMetrics([histogram.metric])).get('onair_x_seconds') ?? {
    samples: [],
  };
  t.same(
    samples.map(({ name, labels, value }) => [name, labels.le, value]),
    [
      ['onair_x_seconds_bucket', '0.1', 2],
      ['onair_x_seconds_bucket', '1', 3],
      ['onair_x_seconds_bucket', '+Inf', 4],
      ['onair_x_seconds_sum', undefined, 7.65],
      ['onair_x_seconds_count', undefined, 4],
    ],
  );
});

t.test('pings: round trips in seconds, losses counted', async (t) => {
  const pings = new ViewerPings();
  pings.answered(250);
  pings.lost();
  const parsed = parsePrometheusText(renderMetrics(pings.metrics));
  const value = (metric: string, sample: string) =>
    parsed.get(metric)?.samples.find(({ name }) => name === sample)?.value;
  t.equal(value('onair_viewer_ping_duration_seconds', 'onair_viewer_ping_duration_seconds_sum'), 0.25);
  t.equal(value('onair_viewer_pings_lost_total', 'onair_viewer_pings_lost_total'), 1);
});

t.test('a board without figures has no samples; ratios are 0 to 1', async (t) => {
  t.equal(renderMetrics(boardMetrics(nothingKnown)), '');
  const parsed = parsePrometheusText(
    renderMetrics(
      boardMetrics({
        ...nothingKnown,
        batteryPercent: 85,
        underVoltage: false,
        network: [{ name: 'eth0', up: true, receivedBytes: 10, transmittedBytes: 20, signalDbm: null }],
      }),
    ),
  );
  t.same(
    [...parsed.keys()],
    [
      'onair_battery_charge_ratio',
      'onair_under_voltage',
      'onair_network_up',
      'onair_network_receive_bytes_total',
      'onair_network_transmit_bytes_total',
    ],
  );
  t.equal(parsed.get('onair_battery_charge_ratio')?.samples[0]?.value, 0.85);
});

t.test('the parser of these tests does find what is wrong', async (t) => {
  const head = '# HELP a_total A.\n# TYPE a_total counter\n';
  for (const [why, text] of Object.entries({
    'no line end': `${head}a_total 1`,
    'no HELP': '# TYPE a_total counter\na_total 1\n',
    'a counter that is no total': '# HELP a A.\n# TYPE a counter\na 1\n',
    'another metric’s sample': `${head}b_total 1\n`,
    'twice the same': `${head}a_total 1\na_total 2\n`,
    'no number': `${head}a_total one\n`,
    'a broken label': `${head}a_total{x="} 1\n`,
    'no base unit': '# HELP a_bits A.\n# TYPE a_bits gauge\na_bits 1\n',
  })) {
    t.throws(() => parsePrometheusText(text), why);
  }
});
