import { maxUnderWay as underWay } from '#console/programs/limits.ts';
import { Appliance } from '../test/support/appliance.ts';
import type { LineHost } from '../test/support/console-host.ts';
import { plugIn } from '../test/support/console-plug.ts';
import { percentile } from '../test/support/percentile.ts';
import { proportionalSetMegabytes, residentMegabytes } from './process-figures.ts';
import { spread } from './report.ts';
import type { Bench } from './sections.ts';

/** The serial line of a whole box: from the plug to the prompt, commands a second, and what its daemon holds. */
export async function measureConsole({ report, quick }: Bench): Promise<void> {
  const appliance = await Appliance.start();
  const add = (name: string, value: number, unit: string, note = ''): void =>
    report.add({ section: 'console', name, value, unit, note });
  try {
    const pid =
      (await appliance.until(({ daemons }) => daemons.console?.up === true)).daemons.console?.pid ?? 0;
    const addMemory = (when: string): void =>
      add(
        `memory, ${when}`,
        proportionalSetMegabytes(pid),
        'MB',
        `resident ${residentMegabytes(pid).toFixed(0)}`,
      );
    addMemory('before anybody came');
    const greetedMs: number[] = [];
    for (let count = 0; count < (quick ? 5 : 50); count += 1) {
      const pluggedAtMs = performance.now();
      const { host, unplug } = await plugIn(appliance);
      await host.until('onair> ');
      greetedMs.push(performance.now() - pluggedAtMs);
      await unplug();
    }
    const [firstMs = Number.NaN, ...againMs] = greetedMs;
    add('plug → greeting, the first', firstMs, 'ms');
    add('plug → greeting, later, p50', percentile(againMs, 0.5), 'ms', spread(againMs, 1));
    const { host, unplug } = await plugIn(appliance);
    await host.until('onair> ');
    await measureCommands(host, { count: quick ? 128 : 1_024, add });
    await unplug();
    addMemory('after all that');
  } finally {
    await appliance.close();
  }
}

async function measureCommands(
  host: LineHost,
  { count, add }: { count: number; add: (name: string, value: number, unit: string, note: string) => void },
): Promise<void> {
  const measure = async (name: string, note: string, run: (index: number) => Promise<void>, each = 1) => {
    const startedAtMs = performance.now();
    for (let index = 0; index < count; index += each) {
      await run(index);
      host.forget();
    }
    const seconds = (performance.now() - startedAtMs) / 1_000;
    add(name, Math.round(count / seconds), 'per second', note);
  };
  const send = (id: number): void =>
    host.send(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'get', params: ['device.name'] })}\n`);
  await measure('commands of people', 'get device.name, one after another', async () => {
    await host.type('get device.name');
  });
  await measure('commands of programs', 'the same, one after another', async (index) => {
    send(index);
    await host.answer(index);
  });
  await measure(
    `commands of programs, ${underWay} under way`,
    'the same',
    async (index) => {
      for (let next = index; next < index + underWay; next += 1) send(next);
      for (let left = underWay; left > 0; left -= 1) await host.until(/"id":\d+/);
    },
    underWay,
  );
}
