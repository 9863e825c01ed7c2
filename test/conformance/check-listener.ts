import { createHmac, timingSafeEqual } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { crc32 } from './crc32.ts';

/** A connectivity check as the server sent it. */
export interface HeardCheck {
  from: string;
  username: string;
  /** What RFC 8445, 7.1 and 7.2.2 ask for and this check has not. */
  lacks: string[];
}

const bindingRequest = 0x0001;
const attributes = { username: 0x0006, integrity: 0x0008, priority: 0x0024, fingerprint: 0x8028 };
const controlled = 0x8029;
const controlling = 0x802a;

/** A socket that waits for a server's own checks, at every address of this machine. */
export class CheckListener {
  readonly #socket: Socket = createSocket('udp4');
  readonly #ice: { ufrag: string; pwd: string };
  readonly #heard: HeardCheck[] = [];

  /** @param ice of the client */
  static async start(ice: { ufrag: string; pwd: string }): Promise<CheckListener> {
    const listener = new CheckListener(ice);
    listener.#socket.bind(0);
    await once(listener.#socket, 'listening');
    return listener;
  }

  private constructor(ice: { ufrag: string; pwd: string }) {
    this.#ice = ice;
    this.#socket.on('error', () => {});
    this.#socket.on('message', (bytes, from) => this.#hear(bytes, from));
  }

  /** Lines that name this socket. */
  get candidates(): string[] {
    const { port } = this.#socket.address();
    return Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(
        ({ address }, index) =>
          `a=candidate:${index + 1} 1 udp ${2_130_706_431 - index} ${address} ${port} typ host`,
      );
  }

  /** @returns the first check, or null where none comes in time */
  async first(timeoutMs: number): Promise<HeardCheck | null> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (this.#heard.length === 0) {
      const more = await once(this.#socket, 'message', { signal }).catch(() => null);
      if (more === null) return null;
    }
    return this.#heard[0] ?? null;
  }

  close(): void {
    this.#socket.close();
  }

  #hear(bytes: Buffer, { address, port }: RemoteInfo): void {
    if (bytes.length < 20 || bytes.readUInt16BE(0) !== bindingRequest) return;
    const found = attributesOf(bytes);
    const username = found.get(attributes.username)?.value.toString() ?? '';
    const lacks = [
      ...(username.startsWith(`${this.#ice.ufrag}:`) ? [] : ['USERNAME']),
      ...(found.has(attributes.priority) ? [] : ['PRIORITY']),
      ...(found.has(controlled) && !found.has(controlling) ? [] : ['ICE-CONTROLLED']),
      ...(this.#hasIntegrity(bytes, found) ? [] : ['MESSAGE-INTEGRITY']),
      ...(hasFingerprint(bytes, found) ? [] : ['FINGERPRINT']),
    ];
    this.#heard.push({ from: `${address}:${port}`, username, lacks });
  }

  /** RFC 8489, 14.5: over what comes before it, with the length as if it were the last. */
  #hasIntegrity(bytes: Buffer, found: ReturnType<typeof attributesOf>): boolean {
    const integrity = found.get(attributes.integrity);
    if (integrity?.value.length !== 20) return false;
    const covered = Buffer.from(bytes.subarray(0, integrity.at));
    covered.writeUInt16BE(integrity.at - 20 + 24, 2);
    return timingSafeEqual(createHmac('sha1', this.#ice.pwd).update(covered).digest(), integrity.value);
  }
}

function hasFingerprint(bytes: Buffer, found: ReturnType<typeof attributesOf>): boolean {
  const fingerprint = found.get(attributes.fingerprint);
  if (fingerprint?.value.length !== 4) return false;
  return fingerprint.value.readUInt32BE() === (crc32(bytes.subarray(0, fingerprint.at)) ^ 0x5354554e) >>> 0;
}

function attributesOf(bytes: Buffer): Map<number, { at: number; value: Buffer }> {
  const found = new Map<number, { at: number; value: Buffer }>();
  for (let at = 20; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    if (!found.has(type)) found.set(type, { at, value: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}
