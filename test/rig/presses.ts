import { type Rig, type Spread, spreadOf } from './rig.ts';

const presses = 5;
const remotePresses = 10;
const handMs = 60_000;

interface LogLine {
  at: string;
  daemon: string;
  message: string;
}

/**
 * From a hand's press to the red light, by the panel's own clock, and from the command on the USB line to pictures.
 * The first needs somebody at the button.
 */
export async function measurePresses({ line }: Rig): Promise<{
  pressToLightMs: Spread | null;
  commandToLiveMs: Spread;
}> {
  await line.call('stop').catch(() => {}); // nothing was on the air
  await line.until(({ broadcast }) => broadcast.state === 'offline', handMs);

  const commandMs: number[] = [];
  for (let count = 0; count < remotePresses; count += 1) {
    const beganMs = performance.now();
    await line.call('live');
    commandMs.push(performance.now() - beganMs);
    await line.call('stop');
    await line.until(({ broadcast }) => broadcast.state === 'offline', handMs);
  }

  const lightMs: number[] = [];
  const since = new Date().toISOString();
  for (let count = 0; count < presses; count += 1) {
    console.log(`  Press the button shortly: ${count + 1} of ${presses}.`);
    const came = await line
      .until(({ broadcast, advancing }) => broadcast.state === 'live' && advancing, handMs)
      .catch(() => null);
    if (came === null) break; // nobody is there
    await line.call('stop');
    await line.until(({ broadcast }) => broadcast.state === 'offline', handMs);
  }
  const { lines } = await line.call<{ lines: LogLine[] }>('logs', { lines: 200, daemon: 'panel' });
  for (const { at, message } of lines) {
    const [, afterMs] = /lights show live (\d+) ms after the press/.exec(message) ?? [];
    if (afterMs !== undefined && at >= since) lightMs.push(Number(afterMs));
  }
  return {
    pressToLightMs: lightMs.length > 0 ? spreadOf(lightMs) : null,
    commandToLiveMs: spreadOf(commandMs),
  };
}
