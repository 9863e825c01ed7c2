import type { IncomingMessage } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import type { Pairing, PairingOutcome, PairingPurpose } from '../domain/pairing.ts';
import { HttpProblem } from './problem.ts';
import type { RequestContext } from './router.ts';

const words = {
  operate: {
    subject: 'pairing',
    overlap: 'Two asked to become operator at the same time; both were refused.',
    orElse: '; or use a code from the USB cable',
    tooOften: 'Hold the button for 3 seconds, let go, then try again',
  },
  prove: {
    subject: 'certificate',
    overlap: 'Somebody else asked for the button at the same time; both were refused.',
    orElse: '; or read the fingerprint from the USB cable (certificate)',
    tooOften: 'Wait a minute, then try again',
  },
} as const satisfies Record<PairingPurpose, object>;

/**
 * Waits until the real button was held for who asks; a request that goes away waits no longer.
 * @throws OnairError, HttpProblem where it was not
 */
export async function buttonPressed(
  { request, response }: Pick<RequestContext, 'request' | 'response'>,
  pairing: Pairing,
  purpose: PairingPurpose,
): Promise<void> {
  const { subject, orElse, tooOften } = words[purpose];
  const wait = pairing.ask(addressOf(request), purpose);
  if (wait === null) {
    throw new OnairError('rate-limited', 'This device asked for the button too often.', {
      subject,
      action: `${tooOften}${orElse}.`,
      retryAfterSeconds: 60,
    });
  }
  response.once('close', wait.leave);
  try {
    refuseUnlessGranted(await wait.outcome, purpose);
  } finally {
    response.off('close', wait.leave);
  }
}

export function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '';
}

function refuseUnlessGranted(outcome: PairingOutcome, purpose: PairingPurpose): void {
  const { subject, overlap, orElse } = words[purpose];
  switch (outcome) {
    case 'granted':
      return;
    case 'overlap':
      throw new OnairError('conflict', overlap, {
        subject,
        action: `Wait half a minute and try again, only one at a time${orElse}.`,
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
