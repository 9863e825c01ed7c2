import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';

/** Programs that renew the files tell nobody. */
const checkEveryMs = 30_000;
/** A chain of certificates is a few kilobytes. */
const maxFileBytes = 256 * 1024;
const warnBeforeMs = 7 * 86_400_000;

/** Both null where the owner has no certificate. */
export type OwnerFiles = Pick<Settings['https'], 'certificateFile' | 'keyFile'>;

interface Served {
  /** What the files held, so that it is read again only where it changed. */
  text: string;
  certificate: X509Certificate;
  names: string[];
  context: SecureContext;
}

interface Deps {
  files: () => OwnerFiles;
  clock: Clock;
  logger: Logger;
}

/**
 * A certificate for the owner's own domain, from the files that `https.certificateFile` and `https.keyFile` name, else from
 * the one that the box was given by ACME: shown to who asks for one of its names, while everybody else gets the box's own. The files are read again when they change; a pair that
 * cannot be used is told, and the one before goes on.
 */
export class OwnerCertificate {
  readonly events = new EventHub<{ problemChanged: { problem: Problem | null } }>();
  readonly #deps: Deps;
  #served: Served | null = null;
  #problem: Problem | null = null;
  readonly #queue = new SerialQueue();
  #stop = (): void => {};

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#stop = this.#deps.clock.every(checkEveryMs, () => void this.check());
    await this.check();
  }

  close(): void {
    this.#stop();
  }

  /** The box may be called by these; what a wildcard stands for is known to `network.allowedHosts` alone. */
  get names(): readonly string[] {
    return (this.#served?.names ?? []).filter((name) => !name.startsWith('*'));
  }

  /** SHA-256 (`AA:BB:…`), names and end (ISO 8601); null while there is none. */
  get facts(): { sha256: string; names: string[]; notAfter: string } | null {
    if (this.#served === null) return null;
    const { certificate, names } = this.#served;
    return {
      sha256: certificate.fingerprint256,
      names,
      notAfter: new Date(certificate.validTo).toISOString(),
    };
  }

  /** What a client that asks for this name is shown; null where it is not one of the owner's. */
  contextFor(name: string): SecureContext | null {
    return this.#served?.certificate.checkHost(name) === undefined ? null : this.#served.context;
  }

  /** Reads the files where they or the settings changed. */
  check(): Promise<void> {
    return this.#queue.run(() => this.#read());
  }

  async #read(): Promise<void> {
    const { certificateFile, keyFile } = this.#deps.files();
    if (certificateFile === null || keyFile === null) {
      this.#served = null;
      const half = certificateFile !== keyFile;
      this.#tell(half ? unusable('certificate and key are set together, and one of them is missing') : null);
      return;
    }
    try {
      const certificate = await readSmall(certificateFile);
      const key = await readSmall(keyFile);
      const text = `${certificate}\n${key}`;
      if (text !== this.#served?.text) {
        this.#served = servedFrom(text, certificate, key);
        this.#deps.logger.info({ names: this.#served.names }, "the owner's certificate is used");
      }
      this.#tell(this.#endOf(this.#served.certificate));
    } catch (error) {
      this.#tell(unusable(error instanceof Error ? error.message : String(error)));
    }
  }

  #endOf(certificate: X509Certificate): Problem | null {
    const leftMs = Date.parse(certificate.validTo) - this.#deps.clock.nowMs();
    if (leftMs > warnBeforeMs) return null;
    const end = new Date(certificate.validTo).toISOString().slice(0, 10);
    return {
      code: 'owner-certificate-ends',
      message: `The certificate in https.certificateFile ${leftMs < 0 ? 'ended' : 'ends'} on ${end}.`,
      action: 'Renew the files; they are read again within half a minute.',
    };
  }

  #tell(problem: Problem | null): void {
    if (JSON.stringify(problem) === JSON.stringify(this.#problem)) return;
    this.#problem = problem;
    if (problem) this.#deps.logger.warn({ problem: problem.message }, "the owner's certificate needs care");
    this.events.emit('problemChanged', { problem });
  }
}

const unusable = (why: string): Problem => ({
  code: 'owner-certificate-unusable',
  message: `The certificate of https.certificateFile and https.keyFile cannot be used: ${why}.`,
  action: 'Correct the files or the settings; the files are read again within half a minute.',
});

/** Never a device or a pipe, which may have no end. */
async function readSmall(path: string): Promise<string> {
  try {
    const { size, isFile } = await stat(path).then((found) => ({ size: found.size, isFile: found.isFile() }));
    if (!isFile) throw new Error('it is not a file');
    if (size > maxFileBytes) throw new Error('it is too large for a certificate');
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = { ENOENT: 'it is not there', EACCES: 'the box may not read it' }[code ?? ''] ?? message;
    throw new Error(`${path}: ${why}`);
  }
}

/** @throws Error where they do not belong together, or are none */
function servedFrom(text: string, chain: string, key: string): Served {
  const certificate = readCertificate(chain);
  const privateKey = readKey(key);
  // Node adds it to the box's own certificate, which has an ECDSA key: a client that knows both is shown that one.
  if (privateKey.asymmetricKeyType !== 'ec')
    throw new Error("the key is not an ECDSA key (certbot's, lego's and acme.sh's default is one)");
  if (!certificate.checkPrivateKey(privateKey)) throw new Error('the key is not that of the certificate');
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .flatMap((name) => /^DNS:(.+)$/.exec(name)?.[1]?.toLowerCase() ?? []);
  if (names.length === 0) throw new Error('the certificate names no domain');
  return { text, certificate, names, context: createSecureContext({ key, cert: chain }) };
}

function readKey(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error('the key file holds no key that can be read (PEM, without a passphrase)');
  }
}

/** The first of a chain. */
function readCertificate(chain: string): X509Certificate {
  try {
    return new X509Certificate(chain);
  } catch {
    throw new Error('the certificate file holds no certificate (PEM)');
  }
}
