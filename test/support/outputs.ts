import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import type { Appliance } from './appliance.ts';

/** A destination of the box, once it is as asked for. @throws Error where it isn't in time */
export async function untilOutput(
  box: Appliance,
  id: string,
  fits: (output: OutputBody) => boolean,
  withinMs = 40_000,
): Promise<OutputBody> {
  const startedAtMs = performance.now();
  for (;;) {
    const { outputs } = (await box.call('GET', '/api/v1/outputs')) as { outputs: OutputBody[] };
    const output = outputs.find((each) => each.id === id);
    if (output && fits(output)) return output;
    if (performance.now() - startedAtMs > withinMs)
      throw new Error(`not in time: ${JSON.stringify(outputs)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
