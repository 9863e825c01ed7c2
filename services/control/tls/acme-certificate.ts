import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { Settings } from '#core/domain/settings.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { writeWhole } from '#core/runtime/write-whole.ts';
import { DurableFile } from '../storage/durable-file.ts';
import { type AcmeOrder, accountDelivery, acmeDelivery } from './acme-order.ts';

const checkEveryMs = 3_600_000;
/** Let's Encrypt takes five failures an hour for a name. */
const firstRetryMs = 20 * 60_000;
const maxRetryMs = 12 * 3_600_000;

/** The accounts by which the domain is proved; they belong to one acme-dns server. */
const accounts = accountDelivery.extend({ dnsUrl: z.string() });
type Accounts = z.infer<typeof accounts>;

export interface AcmeFacts {
  domain: string;
  /** What the owner adds at their DNS provider, once; null until the acme-dns server gave it. */
  record: { name: string; type: 'CNAME'; value: string } | null;
}

interface Deps {
  directory: string;
  run: (order: AcmeOrder) => Promise<unknown>;
  settings: () => Settings['https']['acme'];
  clock: Clock;
  logger: Logger;
}

/**
 * A certificate that every browser knows, for a domain of the owner's, without a port open to the world: the box proves the
 * domain by a text record at an acme-dns server, to which the owner's `_acme-challenge` points. Asked for and renewed by
 * itself; while it fails, the one before and the box's own go on.
 */
export class AcmeCertificate {
  readonly events = new EventHub<{
    problemChanged: { problem: Problem | null };
    /** There is another certificate in `file`, or none any more. */
    certificateChanged: Record<string, never>;
  }>();
  readonly #deps: Deps;
  readonly #store: DurableFile<Accounts>;
  readonly #queue = new SerialQueue();
  readonly #backOff = new BackOff({ firstMs: firstRetryMs, maxMs: maxRetryMs });
  #accounts: Accounts | null = null;
  #certificate: X509Certificate | null = null;
  /** Monotonic; not before that. */
  #retryAtMs = 0;
  #stop = (): void => {};
  #cancelRetry = (): void => {};

  /**
   * @param deps.directory for `acme.json` (the accounts) and `acme.pem` (key and chain in one file), mode 0600
   * @param deps.run has acme-process.ts do an order
   */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#store = new DurableFile({
      path: join(deps.directory, 'acme.json'),
      check: (value) => accounts.parse(value),
      onTorn: ({ path, problem }) =>
        this.#deps.logger.error({ path, problem }, 'the accounts for https.acme are lost; others are made'),
    });
  }

  async start(): Promise<void> {
    this.#accounts = await this.#store.read();
    this.#certificate = await readFile(this.#path, 'utf8').then(
      (text) => new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE'))),
      () => null,
    );
    this.#stop = this.#deps.clock.every(checkEveryMs, () => void this.check());
    if (this.file !== null) this.events.emit('certificateChanged', {});
    await this.check();
  }

  close(): void {
    this.#stop();
    this.#cancelRetry();
  }

  /** Key and chain (PEM) for the domain that is set; null while there is none. */
  get file(): string | null {
    const { domain } = this.#deps.settings();
    if (domain === null || this.#certificate?.checkHost(domain) === undefined) return null;
    return this.#path;
  }

  /** Null where no domain is set. */
  get facts(): AcmeFacts | null {
    const { domain, dnsUrl } = this.#deps.settings();
    if (domain === null) return null;
    const dns = this.#accounts?.dnsUrl === dnsUrl ? this.#accounts.dns : null;
    const name = `_acme-challenge.${domain}`;
    return { domain, record: dns && { name, type: 'CNAME', value: dns.fulldomain } };
  }

  /** Other settings: asks at once. */
  async settingsChanged(): Promise<void> {
    this.#backOff.reset();
    this.#retryAtMs = 0;
    this.events.emit('certificateChanged', {});
    await this.check();
  }

  /** Asks for a certificate where there is none, or a third of its life or less is left. */
  check(): Promise<void> {
    return this.#queue.run(() => this.#renewWhereNeeded());
  }

  get #path(): string {
    return join(this.#deps.directory, 'acme.pem');
  }

  async #renewWhereNeeded(): Promise<void> {
    const { domain, email, directoryUrl, dnsUrl } = this.#deps.settings();
    if (domain === null || !this.#isDue(domain)) return this.#tell(null);
    if (this.#deps.clock.monotonicMs() < this.#retryAtMs) return;
    try {
      const { accountKey, dns } = await this.#accountsAt(dnsUrl);
      const order = { step: 'certificate', directoryUrl, accountKey, email, domain, dnsUrl, dns } as const;
      const { key, chain } = acmeDelivery.parse(await this.#deps.run(order));
      await writeWhole(this.#path, `${key.trim()}\n${chain.trim()}\n`);
      this.#certificate = new X509Certificate(chain);
      this.#backOff.reset();
      this.#deps.logger.info(
        { domain, until: this.#certificate.validTo },
        'the authority gave a certificate',
      );
      this.#tell(null);
      this.events.emit('certificateChanged', {});
    } catch (error) {
      const retryMs = this.#backOff.next();
      this.#retryAtMs = this.#deps.clock.monotonicMs() + retryMs;
      this.#cancelRetry();
      this.#cancelRetry = this.#deps.clock.after(retryMs, () => void this.check());
      this.#deps.logger.warn({ err: error, domain }, 'no certificate by ACME');
      this.#tell(this.#problemOf(error instanceof Error ? error.message : String(error), retryMs));
    }
  }

  #isDue(domain: string): boolean {
    if (this.#certificate?.checkHost(domain) === undefined) return true;
    const [from, until] = [Date.parse(this.#certificate.validFrom), Date.parse(this.#certificate.validTo)];
    return until - this.#deps.clock.nowMs() < (until - from) / 3;
  }

  async #accountsAt(dnsUrl: string): Promise<Accounts> {
    if (this.#accounts?.dnsUrl === dnsUrl) return this.#accounts;
    const made = { dnsUrl, ...accountDelivery.parse(await this.#deps.run({ step: 'account', dnsUrl })) };
    await mkdir(this.#deps.directory, { recursive: true, mode: 0o700 });
    await this.#store.write(made);
    this.#accounts = made;
    return made;
  }

  #problemOf(cause: string, retryMs: number): Problem {
    const { domain, record } = this.facts ?? { domain: '', record: null };
    const again = `The box tries again within ${retryMs / 60_000} minutes, and at once when https.acme changes.`;
    return {
      code: 'acme-failed',
      message: `There is no certificate for ${domain} yet: ${cause.replace(/\.$/, '')}.`,
      action: record
        ? `At the provider of the domain there must be a record ${record.name} CNAME ${record.value}. ${again}`
        : `https.acme.dnsUrl must be an acme-dns server that the box can reach. ${again}`,
    };
  }

  #tell(problem: Problem | null): void {
    this.events.emit('problemChanged', { problem });
  }
}
