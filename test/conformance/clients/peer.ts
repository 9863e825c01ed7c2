import type { Kind } from '../requirement.ts';

export type PeerState = 'new' | 'connecting' | 'connected' | 'closed' | 'failed';

/** A WebRTC client that shows packets: it receives (WHEP) or sends the sample picture and silence (WHIP). */
export interface Peer {
  readonly make: string;
  readonly state: PeerState;
  /** Decrypted, as they came. */
  readonly rtp: readonly Buffer[];
  readonly rtcp: readonly Buffer[];
  /** @param trickle leaves the candidates out of the offer; they are in `candidates` */
  offer(options?: { trickle?: boolean }): Promise<string>;
  readonly candidates: readonly string[];
  accept(answer: string): Promise<void>;
  /** One RTCP packet. */
  say(packet: Buffer): void;
  /** Looks again at each event. @returns whether `there` came to hold in time */
  until(there: () => boolean, timeoutMs: number): Promise<boolean>;
  close(): Promise<void> | void;
}

/** Starts a client; null where this machine has it not. */
export type PeerMaker = (kind: Kind) => Promise<Peer | null>;
