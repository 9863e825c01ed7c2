import { type OutputBody, outputState } from '#core/protocol/endpoints/outputs.ts';
import type { Metric } from './exposition.ts';

/** Each restream destination, under the name that people gave it. */
export function outputMetrics(outputs: readonly OutputBody[]): Metric[] {
  const each = (value: (output: OutputBody) => number) =>
    outputs.map((output) => ({ labels: { id: output.id, name: output.name }, value: value(output) }));
  return [
    {
      name: 'onair_output_state',
      help: 'The state of a destination: 1 for the one it is in.',
      type: 'gauge',
      samples: outputs.flatMap(({ id, name, state }) =>
        outputState.options.map((one) => ({
          labels: { id, name, state: one },
          value: Number(one === state),
        })),
      ),
    },
    {
      name: 'onair_output_sent_bytes_total',
      help: 'Bytes sent to a destination in this broadcast.',
      type: 'counter',
      samples: each(({ bytesSent }) => bytesSent),
    },
    {
      name: 'onair_output_reconnects_total',
      help: 'Connections to a destination in this broadcast after the first.',
      type: 'counter',
      samples: each(({ reconnects }) => reconnects),
    },
    {
      name: 'onair_output_dropped_frames_total',
      help: 'Pictures left out for a destination in this broadcast, since its line was too slow.',
      type: 'counter',
      samples: each(({ droppedFrames }) => droppedFrames),
    },
  ];
}
