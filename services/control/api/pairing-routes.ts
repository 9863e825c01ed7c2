import type { IncomingMessage, ServerResponse } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import { pairingBody, pairingCode, pairingGranted, pairingRequest } from '#core/protocol/operator-api.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Operators } from '../access/operators.ts';
import type { Pairing, PairingOutcome } from '../domain/pairing.ts';
import { readJson, sendJson } from '../http/body.ts';
import { HttpProblem } from '../http/problem.ts';
import { mayOperate, type RequestContext, type Route } from '../http/router.ts';

interface Services {
  pairing: Pairing;
  operators: Operators;
  logger: Logger;
}

const path = '/api/v1/pairing';

/** `/api/v1/pairing` (design.md, "Surfaces"): how somebody on the network becomes operator. */
export function pairingRoutes(services: Services): Route[] {
  const { pairing, operators } = services;
  return [
    {
      method: 'GET',
      path,
      doc: {
        tag: 'operators',
        summary: 'What somebody who wants to become operator can do now, and whether who asks is one',
        answers: { 200: pairingBody },
      },
      handle: (context) => {
        const renewed = operators.renewedCookie(context.request);
        sendJson(
          context.response,
          200,
          {
            ...pairing.snapshot,
            locked: pairing.isSlowed(addressOf(context.request)),
            operator: mayOperate(context),
          },
          renewed ? { 'set-cookie': renewed } : {},
        );
      },
    },
    {
      method: 'POST',
      path,
      doc: {
        tag: 'operators',
        summary: 'Becomes operator: by a long press of the real button, or by a code that only the box shows',
        description:
          'Without `code` it answers as soon as the button was held for 3 s, or 504 `timeout` after 30 s. 409 `conflict` ' +
          'where somebody else asks at the same time: both are refused. 401 for a wrong code; an address that gave five ' +
          'gets 429 `rate-limited` for further wrong ones, and the right one is taken all the same. 429 also for an ' +
          'address that asked in vain too often: hold the button for 3 s, then ask. ' +
          'The cookie `onair_operator` is HttpOnly and SameSite=Strict; `token` is there only with `as: token`.',
        request: pairingRequest,
        answers: { 201: pairingGranted },
      },
      handle: (context) => pair(context, services),
    },
    {
      method: 'POST',
      path: `${path}/code`,
      doc: {
        tag: 'operators',
        summary: "A code for pairing, six digits, for five minutes and one use; on the box's own socket only",
        admits: 'box',
        answers: { 201: pairingCode },
      },
      handle: ({ response, authority }) => {
        if (authority !== 'link') {
          throw new OnairError('forbidden', 'Only the box itself shows codes.', {
            action: 'Read one from the USB cable (pair), or on the box: onair pair.',
          });
        }
        sendJson(response, 201, pairing.makeCode());
      },
    },
  ];
}

async function pair(context: RequestContext, services: Services): Promise<void> {
  const { request, response } = context;
  const { pairing, operators, logger } = services;
  const { name = 'Operator', code, as } = await readJson(request, pairingRequest);
  // Whoever may open the box's own socket may do everything already: there it needs no press.
  const by = code !== undefined ? 'code' : context.authority === 'link' ? 'box' : 'button';
  if (code !== undefined) checkCode(pairing, code, addressOf(request));
  else if (by === 'button') await buttonPressed(context, pairing);
  if (isGone(response)) return;
  const { id, secret } = await operators.add(name);
  // Nobody has the secret: an operator whom nobody is would only stand in the list.
  if (isGone(response)) return await operators.revoke(id);
  logger.info({ operatorId: id, by }, 'an operator paired');
  if (as === 'token') sendJson(response, 201, { operatorId: id, token: secret });
  else sendJson(response, 201, { operatorId: id }, { 'set-cookie': operators.cookie(secret) });
}

/** @throws OnairError, HttpProblem where it isn't */
async function buttonPressed({ request, response }: RequestContext, pairing: Pairing): Promise<void> {
  const wait = pairing.ask(addressOf(request));
  if (wait === null) {
    throw new OnairError('rate-limited', 'This device asked for the button too often.', {
      subject: 'pairing',
      action: 'Hold the button for 3 seconds, let go, then try again; or use a code from the USB cable.',
      retryAfterSeconds: 60,
    });
  }
  response.once('close', wait.leave);
  try {
    refuseUnlessGranted(await wait.outcome);
  } finally {
    response.off('close', wait.leave);
  }
}

function refuseUnlessGranted(outcome: PairingOutcome): void {
  switch (outcome) {
    case 'granted':
      return;
    case 'overlap':
      throw new OnairError('conflict', 'Two asked to become operator at the same time; both were refused.', {
        subject: 'pairing',
        action: 'Wait half a minute and try again, only one at a time; or use a code from the USB cable.',
      });
    case 'timeout':
      throw new HttpProblem({
        status: 504,
        code: 'timeout',
        title: 'The button was not held within 30 seconds.',
        action: 'Try again, and hold the button on the box for 3 seconds while this page waits.',
      });
    case 'left':
      throw new OnairError('unavailable', 'The box is restarting.', { retryAfterSeconds: 2 });
  }
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

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '';
}

function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.writableEnded;
}
