import type { Problem } from '#core/domain/problem.ts';
import type { PanelCondition } from '#core/protocol/link/panel.ts';
import type { CardSettings } from './card-settings.ts';
import type { SettingsStore } from './settings-store.ts';

interface Sources {
  settingsStore: Pick<SettingsStore, 'problems' | 'cardSuspect'>;
  card: Pick<CardSettings, 'problems'>;
}

/** What is wrong with the stored settings, and with onair.toml, for the status and the doctor. */
export function problemsOf({ settingsStore, card }: Sources): Problem[] {
  const stored = [...new Set(settingsStore.problems)].map((problem) => ({
    code: 'stored-settings',
    message: `Stored settings: ${problem}.`,
    action: settingsStore.cardSuspect
      ? 'Set again what is missing. If this comes back, the card is full, write-protected or worn out: use another one.'
      : 'Correct what is named here, or set it again.',
  }));
  return [...stored, ...card.problems];
}

/** The same for the lights. */
export function conditionsOf(problems: readonly Problem[]): PanelCondition[] {
  return problems.length > 0 ? ['settings-wrong'] : [];
}
