import { readFile } from 'node:fs/promises';
import { bootProblemText, bootSettings, bootSettingsPath } from '#core/domain/boot-settings.ts';
import { getStatus } from '#core/protocol/endpoints/box.ts';
import type { LinkApi } from '../link-api.ts';

/** What a box that runs says is wrong with it; of one that doesn't, what is known from its start. */
export async function problemsOf(api: LinkApi): Promise<string[]> {
  try {
    const { problems } = await api.call(getStatus);
    return problems.map(({ message, action }) => `${message} ${action}`.trim());
  } catch {
    return await fromBoot();
  }
}

async function fromBoot(): Promise<string[]> {
  try {
    const { problems } = bootSettings.parse(JSON.parse(await readFile(bootSettingsPath, 'utf8')));
    return problems.map(bootProblemText);
  } catch {
    return []; // there is no such file where no card is read
  }
}
