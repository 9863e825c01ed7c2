import { readFile } from 'node:fs/promises';
import { bootProblemText, bootSettings, bootSettingsPath } from '#core/domain/boot-settings.ts';

/** Of a box that does not run: what was wrong with the card's settings at its start. */
export async function startProblems(): Promise<string[]> {
  try {
    const { problems } = bootSettings.parse(JSON.parse(await readFile(bootSettingsPath, 'utf8')));
    return problems.map(bootProblemText);
  } catch {
    return []; // there is no such file where no card is read
  }
}
