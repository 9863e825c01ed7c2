import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { writeWhole } from '#core/runtime/write-whole.ts';
import type { KeyPair } from '../http/tls-options.ts';
import { certificateNames } from './certificate-names.ts';
import type { CertificateDelivery, CertificateOrder } from './certificate-order.ts';

const dayMs = 86_400_000;
/** Apple takes no certificate of a longer life than 825 days from a root that people installed; a year is custom. */
const leafLifeMs = 397 * dayMs;
const renewBeforeMs = 30 * dayMs;
/** A client's clock may be behind ours. */
const backdatedMs = 2 * dayMs;
/** A board without a clock begins somewhere; the authority must be valid for every client all the same. */
const authorityFrom = '2024-01-01T00:00:00.000Z';
const authorityUntil = '2049-12-31T23:59:59.000Z';
const checkEveryMs = 60_000;
/** A lease that changes and changes back is no reason to make certificates all the time. */
const settleMs = 2_000;

export interface CertificateFacts {
  /** SHA-256 of the certificate, `AA:BB:…`. */
  sha256: string;
  /** ISO 8601. */
  notAfter: string;
}

interface Deps {
  directory: string;
  make: (order: CertificateOrder) => Promise<CertificateDelivery>;
  hostnames: () => string[];
  addresses: () => string[];
  /** Where the list of revoked certificates is served; null before anything is. */
  revokedUrl: () => string | null;
  deviceId: () => string;
  notBeforeMs: number;
  clock: Clock;
  logger: Logger;
}

/**
 * The box's own authority and the certificate that it made for the box: made at the first start, kept durably, never
 * leaving the box. The certificate is renewed when its life ends, and when name, address or clock change.
 */
export class DeviceCertificate {
  readonly #deps: Deps;
  readonly events = new EventHub<{ certificateChanged: { leaf: KeyPair } }>();
  #authority: KeyPair | null = null;
  #leaf: KeyPair | null = null;
  /** DER in base64. */
  #revoked: string | null = null;
  readonly #queue = new SerialQueue();
  #stop: (() => void)[] = [];
  #settling: (() => void) | null = null;
  #complained = false;

  /**
   * @param options.directory for `authority.pem` and `leaf.pem`, mode 0600: key and certificate in one file, so that no power
   *   cut parts them
   * @param options.hostnames without a suffix
   * @param options.revokedUrl written into the certificate, so that it is renewed where that changes
   * @param options.notBeforeMs no clock that shows an earlier time is right: when this version was made
   */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Reads what there is and makes what is missing; where that fails, HTTPS stays away and it is tried again. */
  async start(): Promise<void> {
    this.#authority = await this.#read('authority.pem');
    const leaf = await this.#read('leaf.pem');
    if (leaf && this.#authority && isIssuedBy(leaf, this.#authority)) {
      this.#leaf = leaf;
      this.#revoked = leaf.revoked;
    }
    this.#stop.push(this.#deps.clock.every(checkEveryMs, () => void this.check()));
    if (this.#leaf) this.events.emit('certificateChanged', { leaf: this.#leaf });
    await this.check();
  }

  close(): void {
    this.#settling?.();
    for (const stop of this.#stop) stop();
    this.#stop = [];
  }

  /** A name or an address has changed: looks as soon as it holds for a moment. */
  namesChanged(): void {
    this.#settling?.();
    this.#settling = this.#deps.clock.after(settleMs, () => void this.check());
  }

  /** Makes a new certificate where the present one does not serve. */
  check(): Promise<void> {
    return this.#queue.run(() => this.#renewWhereNeeded());
  }

  /** The authority's certificate, PEM; null while there is none. */
  get authorityCertificate(): string | null {
    return this.#authority?.certificate ?? null;
  }

  /** What the authority has revoked: nothing, by its signature (RFC 5280, 5; DER). Null while there is none. */
  get revoked(): Buffer | null {
    return this.#revoked === null ? null : Buffer.from(this.#revoked, 'base64');
  }

  get leaf(): KeyPair | null {
    return this.#leaf;
  }

  /** What people compare; null while there is no certificate. */
  get facts(): { leaf: CertificateFacts & { names: string[] }; authority: CertificateFacts } | null {
    if (!this.#leaf || !this.#authority) return null;
    const leaf = new X509Certificate(this.#leaf.certificate);
    return {
      leaf: { ...factsOf(leaf), names: namesOf(leaf) },
      authority: factsOf(new X509Certificate(this.#authority.certificate)),
    };
  }

  async #renewWhereNeeded(): Promise<void> {
    const names = certificateNames(this.#deps.hostnames(), this.#deps.addresses());
    const revokedUrl = this.#deps.revokedUrl();
    if (this.#leaf && this.#serves(this.#leaf, names, revokedUrl)) return;
    const nowMs = Math.max(this.#deps.clock.nowMs(), this.#deps.notBeforeMs);
    try {
      const { authority, leaf, revoked } = await this.#deps.make({
        authority: this.#authority,
        authorityName: `Onair box ${this.#deps.deviceId().slice(0, 8)}`,
        commonName: names.domains[1] ?? 'localhost',
        ...names,
        revokedUrl,
        authorityFrom,
        authorityUntil,
        from: new Date(nowMs - backdatedMs).toISOString(),
        until: new Date(nowMs - backdatedMs + leafLifeMs).toISOString(),
      });
      await this.#keep({ authority, leaf, revoked });
      this.#complained = false;
      this.#deps.logger.info(
        { names: [...names.domains, ...names.addresses] },
        'the box has a new certificate',
      );
      this.events.emit('certificateChanged', { leaf });
    } catch (error) {
      if (!this.#complained)
        this.#deps.logger.error({ err: error }, 'no certificate could be made: HTTPS has to wait');
      this.#complained = true;
    }
  }

  /** A card that takes nothing any more costs the next start its keys, not this one HTTPS. */
  async #keep({ authority, leaf, revoked }: CertificateDelivery): Promise<void> {
    try {
      await mkdir(this.#deps.directory, { recursive: true, mode: 0o700 });
      if (this.#authority === null)
        await writeWhole(join(this.#deps.directory, 'authority.pem'), pemOf(authority));
      await writeWhole(join(this.#deps.directory, 'leaf.pem'), pemOf(leaf) + revokedPemOf(revoked));
    } catch (error) {
      this.#deps.logger.warn(
        { err: error },
        'the certificate cannot be stored; it holds until the next start',
      );
    }
    this.#authority = authority;
    this.#leaf = leaf;
    this.#revoked = revoked;
  }

  #serves(
    leaf: KeyPair,
    wanted: { domains: string[]; addresses: string[] },
    revokedUrl: string | null,
  ): boolean {
    const certificate = new X509Certificate(leaf.certificate);
    if (this.#revoked === null) return false; // made by a version that had no such list
    if (revokedUrl !== null && !certificate.raw.includes(revokedUrl)) return false;
    const nowMs = this.#deps.clock.nowMs();
    if (Date.parse(certificate.validTo) - nowMs < renewBeforeMs) return false;
    // With a clock that is behind, it is the clock that is wrong, unless the certificate was made in a future that is none.
    if (nowMs > this.#deps.notBeforeMs && Date.parse(certificate.validFrom) > nowMs) return false;
    return (
      wanted.domains.every((name) => certificate.checkHost(name) !== undefined) &&
      wanted.addresses.every((address) => certificate.checkIP(address) !== undefined)
    );
  }

  /** Null where there is none, or what there is cannot be used: that is set aside and made again. */
  async #read(name: string): Promise<StoredPair | null> {
    const path = join(this.#deps.directory, name);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#deps.logger.error({ err: error, path }, 'a key file cannot be read; another one is made');
      return null;
    }
    try {
      return pairOf(text);
    } catch {
      this.#deps.logger.error({ path }, 'a key file is torn; it is set aside and another one is made');
      await rename(path, `${path}.unusable`).catch(() => {});
      return null;
    }
  }
}

/** A key file; the list is beside the leaf alone. */
interface StoredPair extends KeyPair {
  revoked: string | null;
}

const revokedPemOf = (base64: string): string =>
  `-----BEGIN X509 CRL-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END X509 CRL-----\n`;

const pemOf = ({ key, certificate }: KeyPair): string => `${key.trim()}\n${certificate.trim()}\n`;

/** @throws Error where it holds no key and certificate that belong together */
function pairOf(text: string): StoredPair {
  const key = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/.exec(text)?.[0];
  const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text)?.[0];
  if (!key || !certificate) throw new Error('it holds no key and certificate');
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
    throw new Error('its key is not that of its certificate');
  const list = /-----BEGIN X509 CRL-----\s([\s\S]+?)-----END X509 CRL-----/.exec(text)?.[1];
  return { key, certificate, revoked: list?.replaceAll(/\s/g, '') ?? null };
}

function isIssuedBy(leaf: KeyPair, authority: KeyPair): boolean {
  const issuer = new X509Certificate(authority.certificate);
  return new X509Certificate(leaf.certificate).verify(issuer.publicKey);
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  return { sha256: certificate.fingerprint256, notAfter: new Date(certificate.validTo).toISOString() };
}

/** `DNS:onair.local, IP Address:10.0.0.7` */
function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '').split(', ').map((one) => one.replace(/^(DNS|IP Address):/, ''));
}
