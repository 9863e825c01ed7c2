import { randomBytes } from 'node:crypto';
import { type IceCredentials, IceRole, newCredentials, writeCheck } from './connectivity-check.ts';
import {
  isLinkLocal6,
  type NetworkPath,
  pathTo,
  remoteAddress,
  remoteKey,
  remotePort,
} from './network-path.ts';
import {
  errorCode,
  isAuthentic,
  type StunMessage,
  stunAttribute,
  stunType,
  writeStun,
  xorMappedAddress,
} from './stun-message.ts';

/** Between two first checks (RFC 8445, 14.2: Ta). */
const pacingMs = 50;
/** A check without an answer is sent again, each time after twice as long. */
const firstTimeoutMs = 200;
const maxTries = 6;
/** RFC 7675, 5.1: asked for every 5 s, give or take a fifth, and gone after 30 s without an answer. */
const consentIntervalMs = 5_000;
export const consentMs = 30_000;
/** A viewer that nominates another path than this long ago has moved. */
const renominationMs = 1_000;
/** Addresses that a viewer may be at; more would be an attack. */
const maxPairs = 64;

export interface IceEvents {
  send(path: NetworkPath, bytes: Buffer): void;
  /** Who sends from there knows our password: what else comes from there is the viewer's. */
  authenticated(path: NetworkPath): void;
  /** From now on packets go there; said again when the viewer moves. */
  selected(path: NetworkPath): void;
  /** The viewer no longer answers our checks. */
  consentLost(): void;
}

interface Pair {
  path: NetworkPath;
  state: 'waiting' | 'checking' | 'succeeded' | 'failed';
  tries: number;
  transactions: Set<string>;
  dueMs: number;
  nominatedAtMs: number | null;
  authenticated: boolean;
  priority: number;
}

const newPair = (path: NetworkPath, priority: number): Pair => ({
  path,
  state: 'waiting',
  tries: 0,
  transactions: new Set(),
  dueMs: 0,
  nominatedAtMs: null,
  authenticated: false,
  priority,
});

/** Whose check an answer is to: the number begins the transaction id, and eight random bytes follow. */
export const askerOf = (transactionId: string): number => Number.parseInt(transactionId.slice(0, 8), 16);

/**
 * One viewer's ICE agent (RFC 8445), full, with host candidates. The viewer made the offer, so it is controlling and
 * nominates; only one that says it is controlled as well (RFC 8445, 7.3.1.1) may leave that to us.
 */
export class IceAgent {
  readonly #id: number;
  #local = newCredentials();
  #previousLocal: IceCredentials | null = null;
  #remote: IceCredentials;
  readonly #events: IceEvents;
  readonly #role = new IceRole();
  readonly #pairs = new Map<string, Pair>();
  #selected: Pair | null = null;
  #selectedPath: NetworkPath | null = null;
  #consentAtMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #lastCheckMs = 0;
  #closed = false;

  /** @param id under which `askerOf` finds the agent that sent a check */
  constructor(id: number, remote: IceCredentials, events: IceEvents) {
    this.#id = id;
    this.#remote = remote;
    this.#events = events;
  }

  get local(): IceCredentials {
    return this.#local;
  }

  /** A viewer's `candidate:…` line, checked by `usableCandidate`. */
  addRemoteCandidate(line: string): void {
    const [, , , priority = '0', address = '', port = '0'] = line.split(' ');
    if (this.#closed || isLinkLocal6(address)) return;
    const path = pathTo(address, Number(port));
    if (this.#pairs.has(remoteKey(path)) || this.#pairs.size >= maxPairs) return;
    this.#pairs.set(remoteKey(path), newPair(path, Number(priority)));
    this.#schedule();
  }

  /** New credentials on both sides (RFC 8445, 9); packets go the old way until the viewer nominates a new one. */
  restart(remote: IceCredentials): IceCredentials {
    this.#previousLocal = this.#local;
    this.#local = newCredentials();
    this.#remote = remote;
    for (const pair of this.#pairs.values()) {
      pair.state = 'waiting';
      pair.tries = 0;
      pair.nominatedAtMs = null;
      pair.transactions.clear();
    }
    this.#schedule();
    return this.#local;
  }

  /** A request whose user name begins with our fragment. */
  handleRequest(message: StunMessage, path: NetworkPath): void {
    if (this.#closed) return;
    const [own] = (message.attributes.get(stunAttribute.username)?.toString('latin1') ?? '').split(':');
    const local = own === this.#local.ufrag ? this.#local : this.#previousLocal;
    if (local === null || own !== local.ufrag || !isAuthentic(message, local.password)) return;
    const id = Buffer.from(message.transactionId, 'hex');
    const respond = (type: number, attribute: number, value: Buffer): void =>
      this.#events.send(path, writeStun(type, id, [[attribute, value]], local.password));
    if (!this.#role.agrees(message)) {
      respond(stunType.error, stunAttribute.errorCode, errorCode(487, 'Role Conflict'));
      return;
    }
    // The old credentials only keep the old path alive.
    const pair = local === this.#local ? this.#found(message, path) : null;
    if (pair && !(pair.authenticated && pair.path.equals(path))) {
      pair.authenticated = true;
      pair.path = path;
      // Before the answer: with it the viewer may begin its handshake at once.
      this.#events.authenticated(path);
    }
    const mapped = xorMappedAddress(remoteAddress(path), remotePort(path), id);
    respond(stunType.success, stunAttribute.xorMappedAddress, mapped);
    if (pair === null) return;
    if (message.attributes.has(stunAttribute.useCandidate)) {
      pair.nominatedAtMs = performance.now();
      this.#consider(pair);
    }
    // The triggered check (RFC 8445, 7.3.1.4).
    if (pair.state !== 'succeeded' && pair.state !== 'checking') {
      pair.tries = 0;
      this.#check(pair);
    }
  }

  /** An answer to a check of ours. */
  handleResponse(message: StunMessage, path: NetworkPath): void {
    const pair = this.#pairs.get(remoteKey(path));
    if (this.#closed || !pair?.transactions.has(message.transactionId)) return;
    if (!isAuthentic(message, this.#remote.password)) return;
    pair.transactions.delete(message.transactionId);
    if (message.type === stunType.error) {
      const code = message.attributes.get(stunAttribute.errorCode);
      if ((code?.[2] ?? 0) * 100 + (code?.[3] ?? 0) === 487) this.#role.switch();
      pair.state = 'waiting';
      this.#schedule();
      return;
    }
    const isNew = pair.state !== 'succeeded';
    pair.state = 'succeeded';
    pair.tries = 0;
    if (!pair.authenticated) {
      pair.authenticated = true;
      pair.path = path;
      this.#events.authenticated(path);
    }
    if (pair === this.#selected) this.#consentAtMs = performance.now();
    if (isNew && this.#role.controlling && this.#selected === null) {
      pair.nominatedAtMs = performance.now();
      this.#check(pair);
    }
    this.#consider(pair);
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pairs.clear();
    this.#selected = null;
  }

  #found(message: StunMessage, path: NetworkPath): Pair | null {
    const key = remoteKey(path);
    let pair = this.#pairs.get(key) ?? null;
    if (pair === null) {
      if (this.#pairs.size >= maxPairs) return null;
      const priority = message.attributes.get(stunAttribute.priority);
      pair = newPair(path, priority?.length === 4 ? priority.readUInt32BE(0) : 0);
      this.#pairs.set(key, pair);
    }
    return pair;
  }

  /** Takes the pair where it is both valid and nominated, and the selected one is none better. */
  #consider(pair: Pair): void {
    if (pair.state !== 'succeeded' || pair.nominatedAtMs === null) return;
    const selected = this.#selected;
    if (selected === pair) {
      this.#select(pair);
      return;
    }
    const stale =
      selected?.nominatedAtMs == null || pair.nominatedAtMs - selected.nominatedAtMs > renominationMs;
    if (selected !== null && !stale && pair.priority <= selected.priority) return;
    this.#selected = pair;
    this.#previousLocal = null;
    this.#consentAtMs = performance.now();
    pair.dueMs = this.#consentAtMs + consentIntervalMs * (0.8 + 0.4 * Math.random());
    this.#select(pair);
    this.#schedule();
  }

  #select({ path }: Pair): void {
    if (this.#selectedPath?.equals(path)) return;
    this.#selectedPath = path;
    this.#events.selected(path);
  }

  #check(pair: Pair): void {
    const now = performance.now();
    pair.state = pair.state === 'succeeded' ? 'succeeded' : 'checking';
    pair.tries += 1;
    pair.dueMs = now + firstTimeoutMs * 2 ** Math.min(pair.tries - 1, 3);
    const id = randomBytes(12);
    id.writeUInt32BE(this.#id >>> 0);
    pair.transactions.add(id.toString('hex'));
    if (pair.transactions.size > maxTries)
      pair.transactions.delete(pair.transactions.values().next().value ?? '');
    const check = writeCheck({
      id,
      from: this.#local,
      to: this.#remote,
      role: this.#role,
      nominates: this.#role.controlling && pair.nominatedAtMs !== null,
    });
    this.#events.send(pair.path, check);
    this.#lastCheckMs = now;
    this.#schedule();
  }

  /** Sends what is due, and comes back when the next is. */
  #run(): void {
    this.#timer = null;
    const now = performance.now();
    if (this.#selected && now - this.#consentAtMs > consentMs) {
      this.#events.consentLost();
      return;
    }
    for (const pair of this.#pairs.values()) {
      if (pair.state === 'checking' && pair.dueMs <= now) {
        if (pair.tries >= maxTries) pair.state = 'failed';
        else this.#check(pair);
      } else if (pair === this.#selected && pair.dueMs <= now) {
        this.#check(pair);
        pair.dueMs = now + consentIntervalMs * (0.8 + 0.4 * Math.random());
      }
    }
    const waiting = [...this.#pairs.values()].find((pair) => pair.state === 'waiting');
    if (waiting && now - this.#lastCheckMs >= pacingMs - 1) this.#check(waiting);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed) return;
    let dueMs = Number.POSITIVE_INFINITY;
    for (const pair of this.#pairs.values()) {
      if (pair.state === 'checking' || pair === this.#selected) dueMs = Math.min(dueMs, pair.dueMs);
      if (pair.state === 'waiting') dueMs = Math.min(dueMs, this.#lastCheckMs + pacingMs);
    }
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#run(), Math.max(0, dueMs - performance.now()));
    this.#timer.unref();
  }
}
