import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { readBootId } from '#core/runtime/boot-id.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { writeWhole } from '#core/runtime/write-whole.ts';

/** Viewer tokens are short-lived: they are needed only while connecting. */
const lifetimeSeconds = 3_600;
const issuer = 'onair';
const audience = 'onair-viewer';
const keyBytes = 32;

/** What a valid token says. */
export interface ViewerClaims {
  viewerId: string;
  streamId: string;
  /** By which PIN its holder was let in, see `markOf`; null where it says nothing of that. */
  pinMark?: string | null;
  /** The operator whose right to watch it carries on; null where it comes from nobody who operates. */
  operatorId?: string | null;
}

/** Makes and checks viewer tokens (JWT, HS256); the key is made at the first start and stays in the box. */
export class TokenKeeper {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** Tells this run of the machine from others: only within it is the clock that does not jump the same. */
  #boot: string = randomUUID();
  #key: Uint8Array = new Uint8Array();

  /**
   * @param options.path the key's file, mode 0600
   * @param options.clock for tests; else the machine's
   */
  constructor(options: { path: string; clock?: Pick<Clock, 'nowMs' | 'monotonicMs'> }) {
    this.#path = options.path;
    this.#clock = options.clock ?? systemClock;
  }

  /** Reads the key, or makes it; on a card that takes nothing it holds until the next start. */
  async start(): Promise<void> {
    this.#boot = createHash('sha256')
      .update(await readBootId())
      .digest('base64url')
      .slice(0, 16);
    const stored = await readFile(this.#path).catch(() => null);
    if (stored?.length === keyBytes) {
      this.#key = stored;
      return;
    }
    const key = randomBytes(keyBytes);
    await writeWhole(this.#path, key).catch(() => {}); // the settings beside it say what is wrong with the card
    this.#key = key;
  }

  /** Hubs of many agree on one key, so that each takes the others' tokens. */
  async agree(shared: (own: Uint8Array) => Promise<Uint8Array>): Promise<void> {
    this.#key = await shared(this.#key);
  }

  /** @returns the token and when it ends to be valid (ISO 8601) */
  async issue(
    claims: ViewerClaims,
    options: { lifetimeSeconds?: number } = {},
  ): Promise<{ token: string; expiresAt: string }> {
    const seconds = options.lifetimeSeconds ?? lifetimeSeconds;
    const expiresAtSeconds = Math.floor(this.#clock.nowMs() / 1000) + seconds;
    // A board without a clock of its own has its clock set by years: in this run of it, only this end counts.
    const end = { boot: this.#boot, until: Math.floor(this.#clock.monotonicMs() / 1000) + seconds };
    const right = {
      ...(claims.pinMark ? { pin: claims.pinMark } : {}),
      ...(claims.operatorId ? { op: claims.operatorId } : {}),
    };
    const token = await new SignJWT({ stream: claims.streamId, ...right, ...end })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(claims.viewerId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(expiresAtSeconds - seconds)
      .setJti(randomUUID())
      .setExpirationTime(expiresAtSeconds)
      .sign(this.#key);
    return { token, expiresAt: new Date(expiresAtSeconds * 1000).toISOString() };
  }

  /** @throws OnairError `unauthorized` */
  async verify(token: string): Promise<ViewerClaims> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        issuer,
        audience,
        algorithms: ['HS256'],
        requiredClaims: ['exp'],
        currentDate: new Date(0), // the end is judged below
      });
      if (this.#isOver(payload)) throw new errors.JWTExpired('the token has expired', payload);
      if (typeof payload.sub !== 'string' || typeof payload.stream !== 'string')
        throw new errors.JWTInvalid('claims');
      return {
        viewerId: payload.sub,
        streamId: payload.stream,
        ...(typeof payload.pin === 'string' ? { pinMark: payload.pin } : {}),
        ...(typeof payload.op === 'string' ? { operatorId: payload.op } : {}),
      };
    } catch (error) {
      const expired = error instanceof errors.JWTExpired;
      throw new OnairError('unauthorized', expired ? 'The token has expired.' : 'Invalid token', {
        subject: 'token',
        action: 'Get a new one: POST /api/v1/streams/{id}/tokens.',
      });
    }
  }

  /** By the clock that does not jump for a token of this run of the machine, else by the wall clock. */
  #isOver({ exp = 0, boot, until }: JWTPayload): boolean {
    if (boot === this.#boot && typeof until === 'number') return this.#clock.monotonicMs() / 1000 >= until;
    return this.#clock.nowMs() / 1000 >= exp;
  }

  /** Stands for a PIN in tokens: only this box can tell which one. */
  markOf(pin: string): string {
    return createHmac('sha256', this.#key).update(`pin ${pin}`).digest('base64url').slice(0, 22);
  }
}
