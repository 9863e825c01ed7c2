import { getHistory, type HistoryBody } from '#core/protocol/endpoints/box.ts';
import { type BoxStatus, usePolled } from '../box.ts';
import { Problem } from '../pieces.tsx';
import { figure, say } from '../say.ts';
import { Graph, type Series } from './graph.tsx';

/** How well it goes in one line, which opens into the last ten minutes. */
export function Health({ status }: { status: BoxStatus }) {
  const { reply, problem } = usePolled(getHistory, 5_000);
  const samples = reply?.samples ?? [];
  const series = seriesOf(samples, status.audience.max);
  const warnings = series.flatMap((one) => warningOf(one) ?? []);
  const latest = samples.at(-1);
  const facts = [
    latest?.bitrateKbps != null && `${figure(latest.bitrateKbps / 1_000, 1)} Mbit/s`,
    latest?.processorBusyRatio != null &&
      say('healthProcessor', { percent: figure(latest.processorBusyRatio * 100) }),
    latest?.temperatureCelsius != null && `${figure(latest.temperatureCelsius)} °C`,
  ].filter(Boolean);
  return (
    <details class="card health">
      <summary>
        <h2>{say(warnings.length === 0 ? 'healthGood' : 'healthBad')}</h2>{' '}
        <span class={warnings.length === 0 ? 'quiet' : 'warns'}>
          {warnings.length === 0 ? facts.join(' · ') : warnings.join(' ')}
        </span>
      </summary>
      <Problem of={problem} />
      <div class="graphs">
        {series.map((one) => (
          <Graph key={one.name} {...one} times={samples.map(({ at }) => at)} />
        ))}
      </div>
    </details>
  );
}

function warningOf({ values, warning }: Series): string | null {
  const latest = values.at(-1) ?? null;
  if (!warning || latest === null) return null;
  return (warning.below ? latest < warning.at : latest >= warning.at) ? warning.text : null;
}

function seriesOf(samples: HistoryBody['samples'], maxViewers: number): Series[] {
  const of = (pick: (sample: HistoryBody['samples'][number]) => number | null): (number | null)[] =>
    samples.map(pick);
  const all: (Series & { optional?: boolean })[] = [
    {
      name: say('watching'),
      unit: '',
      values: of(({ viewers }) => viewers),
      atLeast: 4,
      warning: { at: maxViewers, text: say('warnFull') },
    },
    {
      name: say('bitrate'),
      unit: 'Mbit/s',
      values: of(({ bitrateKbps }) => bitrateKbps && bitrateKbps / 1_000),
      atLeast: 1,
      digits: 1,
    },
    {
      name: say('delayAtViewers'),
      unit: 'ms',
      values: of(({ delayMs }) => delayMs),
      atLeast: 500,
      warning: { at: 3_000, text: say('warnDelay') },
    },
    {
      name: say('processor'),
      unit: '%',
      values: of(({ processorBusyRatio }) => processorBusyRatio && processorBusyRatio * 100),
      atLeast: 100,
      warning: { at: 90, text: say('warnProcessor') },
    },
    {
      name: say('temperature'),
      unit: '°C',
      values: of(({ temperatureCelsius }) => temperatureCelsius),
      atLeast: 60,
      warning: { at: 77, text: say('warnHot') },
      optional: true,
    },
    {
      name: say('battery'),
      unit: '%',
      values: of(({ batteryPercent }) => batteryPercent),
      atLeast: 100,
      warning: { at: 15, below: true, text: say('warnBattery') },
      optional: true,
    },
  ];
  // A board without a battery or a thermometer has no such graph.
  return all.filter(({ optional, values }) => !optional || values.some((value) => value !== null));
}
