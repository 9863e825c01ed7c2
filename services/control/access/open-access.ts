import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { IceServer } from '#core/protocol/signaling.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import type { HoldGrant } from '../domain/grant.ts';
import { Pairing } from '../domain/pairing.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { Admissions } from './admissions.ts';
import { iceServersFor } from './ice-servers.ts';
import { Operators } from './operators.ts';
import { PinGuesses } from './pin-guesses.ts';
import { TokenKeeper } from './token-keeper.ts';
import { ViewerIdentity } from './viewer-identity.ts';

/** Who may do what: viewers by open door, PIN or token; operators by the button, or a code that the box showed. */
export interface Access extends Closable {
  tokens: TokenKeeper;
  pins: PinGuesses;
  identity: ViewerIdentity;
  pairing: Pairing;
  operators: Operators;
  hold: HoldGrant;
  /** STUN and TURN, with credentials of this user's own. */
  iceServers: (turnUser: string) => IceServer[];
}

/** Reads, or makes, what the box keeps of it in its data directory. */
export async function openAccess(
  deps: Pick<ControlContext, 'clock' | 'logger'> & {
    paths: Pick<ControlContext['paths'], 'dataDirectory'>;
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    start: Pick<Start, 'torn'>;
  },
): Promise<Access> {
  const { paths, settings, start, clock, logger } = deps;
  const tokens = new TokenKeeper({ path: join(paths.dataDirectory, 'token.key') });
  await tokens.start();
  const operators = new Operators({
    path: join(paths.dataDirectory, 'operators.json'),
    clock,
    logger,
    onTorn: start.torn.about('operators'),
  });
  await operators.start();
  const identity = new ViewerIdentity({
    tokens,
    settings: settings.current,
    operatorOf: (request) => operators.recognize(request),
    hasOperator: (id) => operators.has(id),
  });
  const admissions = new Admissions({ isValid: (grant) => identity.isValid(grant) });
  operators.events.on('operatorsRemoved', () => admissions.review());
  settings.watch('viewing.', () => admissions.review());
  const pairing = new Pairing({ clock, newCode: sixDigits, sameSecret });
  return {
    tokens,
    operators,
    pairing,
    pins: new PinGuesses({ clock }),
    identity,
    hold: (grant, end) => admissions.hold(grant, end),
    iceServers: (turnUser) => iceServersFor(settings.current().webrtc, turnUser, clock.nowMs()),
    close: () => pairing.close(),
  };
}

function sixDigits(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}
