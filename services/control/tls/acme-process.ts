import { text } from 'node:stream/consumers';
import { Client, crypto } from 'acme-client';
import { type AcmeOrder, acmeOrder, dnsAccount } from './acme-order.ts';

/**
 * Asks an authority for a certificate by ACME (RFC 8555) with a text record as proof (8.4), and ends: what that takes of
 * memory is needed every two months. Reads an AcmeOrder from standard input; writes accountDelivery or acmeDelivery to
 * standard output.
 */

/** The whole, with what authorities take to look at the record. */
const answerWithinMs = 20_000;

/** @throws Error saying what the server said */
async function askDns(url: string, path: string, init: RequestInit): Promise<unknown> {
  const { host } = new URL(url);
  const answer = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), {
    ...init,
    method: 'POST',
    signal: AbortSignal.timeout(answerWithinMs),
  }).catch((error) => {
    throw new Error(`${host} cannot be reached (${error.cause?.code ?? error.message})`);
  });
  if (!answer.ok) throw new Error(`${host} answered ${answer.status} instead of setting the record`);
  return await answer.json();
}

async function account({ dnsUrl }: AcmeOrder & { step: 'account' }): Promise<object> {
  const dns = dnsAccount.parse(await askDns(dnsUrl, 'register', {}));
  const accountKey = await crypto.createPrivateEcdsaKey();
  return { accountKey: String(accountKey), dns };
}

async function certificate(order: AcmeOrder & { step: 'certificate' }): Promise<object> {
  const { directoryUrl, accountKey, email, domain, dnsUrl, dns } = order;
  const client = new Client({ directoryUrl, accountKey });
  const [key, csr] = await crypto.createCsr({ altNames: [domain] }, await crypto.createPrivateEcdsaKey());
  const chain = await client.auto({
    csr,
    ...(email === null ? {} : { email }),
    termsOfServiceAgreed: true,
    challengePriority: ['dns-01'],
    // The name server that this box asks need not be the one that the authority asks.
    skipChallengeVerification: true,
    challengeCreateFn: async (_, { type }, txt) => {
      if (type !== 'dns-01') throw new Error(`the authority takes no proof by a text record of ${domain}`);
      await askDns(dnsUrl, 'update', {
        headers: {
          'x-api-user': dns.username,
          'x-api-key': dns.password,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ subdomain: dns.subdomain, txt }),
      });
    },
    challengeRemoveFn: async () => {}, // the next one takes its place
  });
  return { key: String(key), chain };
}

const order = acmeOrder.parse(JSON.parse(await text(process.stdin)));
try {
  process.stdout.write(
    JSON.stringify(await (order.step === 'account' ? account(order) : certificate(order))),
  );
} catch (error) {
  // One line: it is read to people.
  process.stderr.write(
    `${(error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ')}\n`,
  );
  process.exitCode = 1;
}
