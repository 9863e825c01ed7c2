import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import { Pairing } from '../domain/pairing.ts';
import type { TornFiles } from '../storage/torn-files.ts';
import { Admissions } from './admissions.ts';
import { Operators } from './operators.ts';
import { PinGuesses } from './pin-guesses.ts';
import { TokenKeeper } from './token-keeper.ts';
import { ViewerIdentity } from './viewer-identity.ts';

/** Who may do what: viewers by open door, PIN or token; operators by the button, or a code that the box showed. */
export interface Access {
  tokens: TokenKeeper;
  pins: PinGuesses;
  identity: ViewerIdentity;
  pairing: Pairing;
  operators: Operators;
  admissions: Admissions;
}

/** Reads, or makes, what the box keeps of it in its data directory. */
export async function openAccess(options: {
  dataDirectory: string;
  settings: () => Settings;
  clock: Clock;
  logger: Logger;
  torn?: TornFiles;
}): Promise<Access> {
  const { dataDirectory, settings, clock, logger, torn } = options;
  const tokens = new TokenKeeper({ path: join(dataDirectory, 'token.key') });
  await tokens.start();
  const operators = new Operators({
    path: join(dataDirectory, 'operators.json'),
    clock,
    logger,
    ...(torn ? { onTorn: torn.about('operators') } : {}),
  });
  await operators.start();
  const identity = new ViewerIdentity({
    tokens,
    settings,
    operatorOf: (request) => operators.recognize(request),
    hasOperator: (id) => operators.has(id),
  });
  const admissions = new Admissions({ isValid: (grant) => identity.isValid(grant) });
  operators.events.on('operatorsRemoved', () => admissions.review());
  return {
    tokens,
    operators,
    pairing: new Pairing({ clock, newCode: sixDigits, sameSecret }),
    pins: new PinGuesses({ clock }),
    identity,
    admissions,
  };
}

function sixDigits(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}
