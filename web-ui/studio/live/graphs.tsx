import { getHistory, type HistoryBody } from '#core/protocol/endpoints/box.ts';
import { callApi } from '../../page/api.ts';
import { usePolled } from '../box.ts';
import { Card, Problem } from '../pieces.tsx';
import { Graph, type Series } from './graph.tsx';

/** Ten minutes of what the box measures of itself and of its viewers. */
export function Graphs({ maxViewers }: { maxViewers: number }) {
  const { reply, problem } = usePolled(() => callApi(getHistory), 5_000);
  const samples = reply?.samples ?? [];
  const of = (pick: (sample: HistoryBody['samples'][number]) => number | null): (number | null)[] =>
    samples.map(pick);
  const series: Series[] = [
    {
      name: 'Watching',
      unit: '',
      values: of(({ viewers }) => viewers),
      atLeast: 4,
      warning: { at: maxViewers, text: 'The house is full: whoever comes now is asked to wait.' },
    },
    {
      name: 'Bitrate',
      unit: 'Mbit/s',
      values: of(({ bitrateKbps }) => bitrateKbps && bitrateKbps / 1_000),
      atLeast: 1,
      digits: 1,
    },
    {
      name: 'Delay at viewers',
      unit: 'ms',
      values: of(({ delayMs }) => delayMs),
      atLeast: 500,
      warning: { at: 3_000, text: 'Some viewers are seconds behind: their network is slow.' },
    },
    {
      name: 'Processor',
      unit: '%',
      values: of(({ processorBusyRatio }) => processorBusyRatio && processorBusyRatio * 100),
      atLeast: 100,
      warning: { at: 90, text: 'The processor is at its limit: choose a smaller picture.' },
    },
    {
      name: 'Temperature',
      unit: '°C',
      values: of(({ temperatureCelsius }) => temperatureCelsius),
      atLeast: 60,
      warning: { at: 77, text: 'Too hot: the quality is lowered until it has cooled down.' },
    },
    {
      name: 'Battery',
      unit: '%',
      values: of(({ batteryPercent }) => batteryPercent),
      atLeast: 100,
      warning: { at: 15, below: true, text: 'Connect a power supply soon.' },
    },
  ];
  const throttled = samples.at(-1)?.throttled === true;
  // A board without a battery or a thermometer has no such graph.
  const shown = series.filter(
    ({ name, values }) =>
      !['Temperature', 'Battery'].includes(name) || values.some((value) => value !== null),
  );
  return (
    <Card heading="The last 10 minutes">
      <Problem of={problem} />
      {throttled && <p class="badge warn">The processor is being slowed down</p>}
      <div class="graphs">
        {shown.map((one) => (
          <Graph key={one.name} {...one} />
        ))}
      </div>
    </Card>
  );
}
