import { setTimeout as pass } from 'node:timers/promises';
import { Fleet } from '../support/fleet.ts';
import { beLive, type Rig } from './rig.ts';

const steps = [1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100];
const watchMs = 15_000;

/** How many viewers on this machine get every packet; one more step, and some are lost. */
export async function measureAudience(rig: Rig): Promise<{
  viewersWithoutLoss: number;
  firstLossAtViewers: number | null;
  /** At the last step without loss. */
  megabitsPerSecond: number;
}> {
  await beLive(rig);
  const fleet = new Fleet({ whepUrl: `${rig.origin}/whep` });
  const figures = { viewersWithoutLoss: 0, firstLossAtViewers: null as number | null, megabitsPerSecond: 0 };
  let joined = 0;
  try {
    for (const viewers of steps) {
      const before = await fleet.tell({ join: viewers - joined }).catch((error: Error) => error);
      if (before instanceof Error) {
        console.log(`  ${viewers} viewers: ${before.message}`); // the box is full, says so, and that ends it
        break;
      }
      joined = viewers;
      await pass(watchMs);
      const after = await fleet.tell({});
      const lost = after.lostPackets - before.lostPackets;
      console.log(`  ${viewers} viewers: ${lost} packets lost in ${watchMs / 1_000} s`);
      if (lost > 0) {
        figures.firstLossAtViewers = viewers;
        break;
      }
      figures.viewersWithoutLoss = viewers;
      const megabits = ((after.receivedBytes - before.receivedBytes) * 8) / 1e6 / (watchMs / 1_000);
      figures.megabitsPerSecond = Math.round(megabits * 10) / 10;
    }
  } finally {
    await fleet.close();
  }
  return figures;
}
