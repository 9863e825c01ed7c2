import { cpu, mem, osInfo, system } from 'systeminformation';

/** The machine in one line, for `onair doctor` and for readers of its output: board, system, processor, memory. */
export async function describeMachine(): Promise<string> {
  const [board, release, processor, memory] = await Promise.all([system(), osInfo(), cpu(), mem()]);
  const name = [board.manufacturer, board.model].filter((word) => word && word !== 'Unknown').join(' ');
  return [
    name || 'unknown board',
    `${release.distro} ${release.release}, ${release.arch}, kernel ${release.kernel}`,
    `${processor.cores} x ${processor.brand || processor.manufacturer || 'processor'}`,
    `${(memory.total / 2 ** 30).toFixed(1)} GiB memory`,
  ].join(' · ');
}
