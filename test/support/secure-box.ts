import { certificateBody } from '#core/protocol/endpoints/certificate.ts';
import type { Appliance } from './appliance.ts';

export interface Secure {
  port: number;
  authority: string;
}

/** Waits until the box has its certificate. */
export async function secureOf(
  box: Appliance,
): Promise<Secure & { facts: ReturnType<typeof certificateBody.parse> }> {
  const origin = await box.origin();
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(`${origin}/api/v1/certificate`);
    if (answer.status === 200) {
      const facts = certificateBody.parse(await answer.json());
      const authority = await (await fetch(`${origin}/trust/onair-ca.crt`)).text();
      return { port: facts.port ?? 0, authority, facts };
    }
    await box.until(() => true);
  }
  throw new Error('no certificate');
}
