import type { ServerResponse } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import { getPairing, makePairingCode, pair } from '#core/protocol/endpoints/operators.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Operators } from '../access/operators.ts';
import type { Pairing } from '../domain/pairing.ts';
import { addressOf, buttonPressed } from '../http/button-wait.ts';
import { mayOperate, type Route } from '../http/router.ts';
import { answer, type Reply, type Served, serve, streamed } from '../http/serve.ts';

interface Services {
  pairing: Pairing;
  operators: Operators;
  logger: Logger;
}

/** `/api/v1/pairing` (design.md, "Surfaces"): how somebody on the network becomes operator. */
export function pairingRoutes(services: Services): Route[] {
  const { pairing, operators } = services;
  return [
    serve(getPairing, (asked) => {
      const renewed = operators.renewedCookie(asked.request);
      const locked = pairing.isSlowed(addressOf(asked.request));
      const body = { ...pairing.snapshot, locked, operator: mayOperate(asked) };
      return answer(200, body, renewed ? { 'set-cookie': renewed } : {});
    }),
    serve(pair, (asked) => letIn(asked, services)),
    serve(makePairingCode, () => pairing.makeCode()),
  ];
}

async function letIn(asked: Served<typeof pair>, services: Services): Promise<Reply<typeof pair>> {
  const { response, authority, body } = asked;
  const { pairing, operators, logger } = services;
  const { name = 'Operator', code, as } = body;
  // A user who may open the box's own socket may do everything already: there it needs no press.
  const by = code !== undefined ? 'code' : authority === 'link' ? 'box' : 'button';
  if (code !== undefined) checkCode(pairing, code, addressOf(asked.request));
  else if (by === 'button') await buttonPressed(asked, pairing, 'operate');
  if (isGone(response)) return streamed;
  const { id, secret } = await operators.add(name);
  // Nobody has the secret: an operator whom nobody is would only stand in the list.
  if (isGone(response)) {
    await operators.revoke(id);
    return streamed;
  }
  logger.info({ operatorId: id, by }, 'an operator paired');
  if (as === 'token') return answer(201, { operatorId: id, token: secret });
  return answer(201, { operatorId: id }, { 'set-cookie': operators.cookie(asked.request, secret) });
}

/** @throws OnairError, HttpProblem where it isn't taken */
function checkCode(pairing: Pairing, code: string, from: string): void {
  const outcome = pairing.tryCode(code, from);
  if (outcome === 'granted') return;
  if (outcome === 'wrong') {
    throw new OnairError('unauthorized', 'That is not the code.', {
      subject: 'pairing',
      action: 'Read a new one from the USB cable (pair), or on the box: onair pair.',
    });
  }
  throw new OnairError('rate-limited', 'Too many wrong codes.', {
    subject: 'pairing',
    action:
      'Read a new one from the USB cable (pair), or on the box: onair pair; then type it without haste.',
    retryAfterSeconds: 10,
  });
}

function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.writableEnded;
}
