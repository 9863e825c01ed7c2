import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Low } from 'lowdb';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { OperatorList } from '#core/protocol/endpoints/operators.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { DurableFile, type TornFile } from '../storage/durable-file.ts';
import { bearerOf, cookieOf, setCookie } from './request-credentials.ts';

const cookieName = 'onair_operator';
/** Browsers keep no cookie longer; it is renewed when the page asks how pairing stands. */
const cookieMaxAgeSeconds = 34_560_000;
const cookieAttributes = { sameSite: 'Strict' } as const;
const secretBytes = 32;
/** More hands than a box has; one more takes the place of who was away longest. */
const maxOperators = 64;
/** When an operator was last seen is told to the hour after a restart: it isn't worth a write each time. */
const seenIsStoredEveryMs = 3_600_000;

const storedOperator = z.object({
  id: z.string(),
  name: z.string(),
  /** SHA-256 of the secret, hex: who reads the file can't be an operator by it. */
  secretHash: z.string().regex(/^[\da-f]{64}$/),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
});
const stored = z.object({ version: z.literal(1), operators: z.array(storedOperator).max(maxOperators) });
type StoredOperator = z.infer<typeof storedOperator>;
type Stored = z.infer<typeof stored>;

/** Who paired with this box: each has a random secret, as a cookie or a bearer token, of which only the hash is kept. */
export class Operators {
  readonly events = new EventHub<{ operatorsRemoved: null }>();
  readonly #low: Low<Stored>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #byHash = new Map<string, StoredOperator>();
  #seenStoredAtMs: number;
  readonly #queue = new SerialQueue();

  /**
   * @param options.path a JSON file, mode 0600
   * @param options.onTorn told where it can't be used
   */
  constructor(options: { path: string; clock: Clock; logger: Logger; onTorn?: (torn: TornFile) => void }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#seenStoredAtMs = options.clock.monotonicMs();
    const file = new DurableFile<Stored>({
      path: options.path,
      check: (value) => stored.parse(value),
      onTorn: (torn) => {
        const { path } = torn;
        this.#logger.error({ path }, 'the list of operators cannot be used; falling back to its backup');
        options.onTorn?.(torn);
      },
    });
    this.#low = new Low<Stored>(file, { version: 1, operators: [] });
  }

  /** Reads the operators; where nothing can be read there are none, and they pair again. */
  async start(): Promise<void> {
    await this.#low.read();
    this.#index();
  }

  /**
   * Makes a new operator, durably.
   * @returns the secret, told this once
   * @throws OnairError `unavailable` where it can't be stored
   */
  async add(name: string): Promise<{ id: string; secret: string }> {
    const secret = randomBytes(secretBytes).toString('base64url');
    const operator: StoredOperator = {
      id: randomUUID(),
      name,
      secretHash: hashOf(secret),
      createdAt: new Date(this.#clock.nowMs()).toISOString(),
      lastSeenAt: null,
    };
    await this.#change((operators) => [...seenLast(operators, maxOperators - 1), operator]);
    return { id: operator.id, secret };
  }

  /** @throws OnairError `not-found`, `unavailable` */
  async revoke(id: string): Promise<void> {
    await this.#change((operators) => {
      const others = operators.filter((operator) => operator.id !== id);
      if (others.length < operators.length) return others;
      throw new OnairError('not-found', 'There is no operator of that id.', {
        subject: 'operator',
        action: 'See onair operators.',
      });
    });
    await this.#forgetBackup();
  }

  /** @throws OnairError `unavailable` */
  async revokeAll(): Promise<void> {
    await this.#change(() => []);
    await this.#forgetBackup();
  }

  /** The operator whose cookie or bearer token a request carries; null where it carries none that is valid. */
  recognize(request: IncomingMessage): { id: string } | null {
    const secrets = [bearerOf(request), cookieOf(request, cookieName)];
    for (const secret of secrets) {
      if (!secret || secret.length > 256) continue;
      // Looking up by hash tells nothing by its duration: nobody can choose a secret for the hash that it has.
      const operator = this.#byHash.get(hashOf(secret));
      if (operator) return this.#seen(operator);
    }
    return null;
  }

  has(id: string): boolean {
    return this.#low.data.operators.some((operator) => operator.id === id);
  }

  /** @param currentId the one who asks */
  list(currentId: string | null): OperatorList['operators'] {
    return this.#low.data.operators.map(({ id, name, createdAt, lastSeenAt }) => ({
      id,
      name,
      createdAt,
      lastSeenAt,
      current: id === currentId,
    }));
  }

  /** `Set-Cookie` that makes a browser this operator: only with requests of the box's own pages, out of reach of scripts. */
  cookie(request: IncomingMessage, secret: string): string {
    return setCookie(request, cookieName, secret, {
      ...cookieAttributes,
      maxAgeSeconds: cookieMaxAgeSeconds,
    });
  }

  /** The same cookie again for a browser that has it, so that one in use doesn't expire; null where it has none. */
  renewedCookie(request: IncomingMessage): string | null {
    const secret = cookieOf(request, cookieName);
    return secret && this.#byHash.has(hashOf(secret)) ? this.cookie(request, secret) : null;
  }

  /** `Set-Cookie` that takes it away from a browser. */
  expiredCookie(request: IncomingMessage): string {
    return setCookie(request, cookieName, '', { ...cookieAttributes, maxAgeSeconds: 0 });
  }

  #seen(operator: StoredOperator): { id: string } {
    operator.lastSeenAt = new Date(this.#clock.nowMs()).toISOString();
    if (this.#clock.monotonicMs() - this.#seenStoredAtMs > seenIsStoredEveryMs) {
      this.#seenStoredAtMs = this.#clock.monotonicMs();
      this.#change((operators) => operators).catch(() => {}); // said in the log; it's worth no more
    }
    return { id: operator.id };
  }

  /** Who was revoked must not be back where a torn file falls back to its backup. */
  async #forgetBackup(): Promise<void> {
    await this.#change((operators) => operators);
  }

  /** One after the other; what can't be stored doesn't hold. */
  #change(change: (operators: StoredOperator[]) => StoredOperator[]): Promise<void> {
    return this.#queue.run(async () => {
      const previous = this.#low.data;
      this.#low.data = { version: 1, operators: change(previous.operators) };
      try {
        await this.#low.write();
      } catch (error) {
        this.#low.data = previous;
        this.#logger.error({ err: error }, 'the list of operators could not be stored');
        throw new OnairError(
          'unavailable',
          'The list of operators could not be stored; nothing was changed.',
          {
            action: 'Check that the card is not full or worn out: run onair doctor.',
          },
        );
      }
      this.#index();
    });
  }

  #index(): void {
    const before = [...this.#byHash.values()];
    this.#byHash = new Map(this.#low.data.operators.map((operator) => [operator.secretHash, operator]));
    if (before.some(({ secretHash }) => !this.#byHash.has(secretHash)))
      this.events.emit('operatorsRemoved', null);
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Those seen last, in the order of the list. */
function seenLast(operators: StoredOperator[], most: number): StoredOperator[] {
  if (operators.length <= most) return operators;
  const seen = ({ lastSeenAt, createdAt }: StoredOperator): string => lastSeenAt ?? createdAt;
  const kept = new Set([...operators].sort((a, b) => (seen(a) < seen(b) ? 1 : -1)).slice(0, most));
  return operators.filter((operator) => kept.has(operator));
}
