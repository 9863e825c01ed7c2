import { z } from 'zod';
import { typedText } from '../../domain/typed-text.ts';
import { endpoint } from '../endpoint.ts';

const tag = 'operators';

/** `GET /api/v1/pairing`: what somebody who wants to become operator can do now. */
export const pairingBody = z.object({
  /** Somebody waits for the button. */
  waiting: z.boolean(),
  /** A long press opened the door: the next who asks is let in. */
  windowOpen: z.boolean(),
  /** Five wrong codes came from the address that asks: further wrong ones are answered 429, the right one is taken. */
  locked: z.boolean(),
  /** Until when the waiting or the window lasts. */
  expiresAt: z.string().nullable(),
  /** Whether who asks is an operator already. */
  operator: z.boolean(),
});

export const getPairing = endpoint({
  method: 'GET',
  path: '/api/v1/pairing',
  who: 'everybody',
  answers: { 200: pairingBody },
  summary: 'What somebody who wants to become operator can do now, and whether who asks is one',
  tag,
});

/** `POST /api/v1/pairing`: without a code it waits up to 30 s for a long press of the real button. */
export const pairingRequest = z.strictObject({
  /** How the list of operators calls it: "Kim's laptop". */
  name: typedText(64).min(1).optional(),
  /** Six digits that the serial line or the box's own command showed. */
  code: z
    .string()
    .regex(/^\d{6}$/, { error: 'must be six digits' })
    .optional(),
  /** A browser takes the cookie; a program asks for a token to send as `Authorization: Bearer`. */
  as: z.enum(['cookie', 'token']).default('cookie'),
});

export const pairingGranted = z.object({ operatorId: z.string(), token: z.string().optional() });

export const pair = endpoint({
  method: 'POST',
  path: '/api/v1/pairing',
  who: 'everybody',
  body: pairingRequest,
  answers: { 201: pairingGranted },
  errors: ['conflict', 'timeout', 'unauthorized', 'rate-limited'],
  summary: 'Becomes operator: by a long press of the real button, or by a code that only the box shows',
  description:
    'Without `code` it answers as soon as the button was held for 3 s, or 504 `timeout` after 30 s. 409 `conflict` ' +
    'where somebody else asks at the same time: both are refused. 401 for a wrong code; an address that gave five ' +
    'gets 429 `rate-limited` for further wrong ones, and the right one is taken all the same. 429 also for an ' +
    'address that asked in vain too often: hold the button for 3 s, then ask. ' +
    'The cookie `onair_operator` is HttpOnly and SameSite=Strict; `token` is there only with `as: token`.',
  tag,
  timeoutMs: 35_000,
});

/** `POST /api/v1/pairing/code`, on the own socket only. */
export const pairingCode = z.object({
  code: z.string(),
  expiresAt: z.string(),
});

export const makePairingCode = endpoint({
  method: 'POST',
  path: '/api/v1/pairing/code',
  who: 'box',
  answers: { 201: pairingCode },
  summary: "A code for pairing, six digits, for five minutes and one use; on the box's own socket only",
  tag,
});

/** `GET /api/v1/operators` */
export const operatorList = z.object({
  operators: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      createdAt: z.string(),
      lastSeenAt: z.string().nullable(),
      /** The one that asks. */
      current: z.boolean(),
    }),
  ),
});

export type OperatorList = z.infer<typeof operatorList>;

export const listOperators = endpoint({
  method: 'GET',
  path: '/api/v1/operators',
  who: 'operator',
  answers: { 200: operatorList },
  summary: 'Who paired with this box; `current` is who asks',
  tag,
});

export const removeOperator = endpoint({
  method: 'DELETE',
  path: '/api/v1/operators/:operator',
  who: 'operator',
  answers: { 204: { description: 'It is taken away' } },
  errors: ['not-found'],
  summary: 'Takes away what lets somebody operate the box, from the next request on',
  tag,
});
