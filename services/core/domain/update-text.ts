import type { UpdateBody } from '../protocol/endpoints/update.ts';

const words: Record<UpdateBody['state'], string> = {
  idle: 'no update is under way',
  downloading: 'the update is being downloaded',
  verifying: 'the update is being verified',
  installing: 'the update is being written',
  trying: 'the new version is being tried',
  committed: 'the last update works, and stays',
  'rolled-back': 'the last update was taken back',
};

/** How updates are doing, for people. */
export function updateText({ current, slot, available, state, percent, reason }: UpdateBody): string {
  const where = slot === null ? '' : ` (system ${slot})`;
  const brought = available === null || available === current ? '' : ` Available: ${available}.`;
  const done = percent === null ? '' : `, ${percent} %`;
  const why = reason === null ? '' : `\n${reason.message} ${reason.action}`;
  return `Version ${current}${where}: ${words[state]}${done}.${brought}${why}`;
}
