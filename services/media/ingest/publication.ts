import type { Socket } from 'node:net';
import type { Problem } from '#core/domain/problem.ts';
import type { IngestReport } from '#core/protocol/link/media.ts';
import { type ReasonCode, reasonOf } from '../reasons.ts';
import {
  encodePicture,
  encodeSenderTime,
  encodeSound,
  encodeStreamJson,
  encodeStreamMessage,
  type PublishedKind,
  type StreamBegin,
  streamMessage,
  type TrackConfiguration,
} from './stream-protocol.ts';

type State = IngestReport[PublishedKind];

/** Who publishes. */
export interface Publisher {
  /** Where from, for people. */
  address: string;
  /** Ends its connection. @param reason what it is told, where its protocol can say so */
  end(reason: Problem): void;
  /** It has sent nothing yet, and may never: another one may take its place. */
  readonly isIdle?: boolean;
  /** Asks it for a key frame, where its protocol can. */
  requestKeyFrame?(): void;
}

/** What a source has not read yet; more, and it loses what comes up to the next key frame. */
const maxUnreadBytes = 12 * 1024 * 1024;
/**
 * From the last key frame on: what a source that comes in mid-stream is given. Who sends packets (WebRTC) is asked for a key
 * frame, and may have sent none for minutes: for those that know no such request (aiortc 1.4 with H.264) a few seconds are kept.
 */
const maxKeptBytes = { frames: 12 * 1024 * 1024, packets: 3 * 1024 * 1024, bytes: 0 };
const noticeMs = 60_000;
/**
 * A publisher that has sent nothing for so long makes room for another one, such as itself after a crash or over another
 * Wi-Fi: the slate is on the air by then. One of a picture a second is not silent.
 */
export const replaceableAfterMs = 1_500;

interface Taker {
  socket: Socket;
  /** It lost something: nothing before the next key frame is of use to it. */
  lost: boolean;
}

/** One way in: who publishes there, and the sources that take it. */
export class Publication {
  readonly kind: PublishedKind;
  readonly #onChange: () => void;
  readonly #takers = new Set<Taker>();
  #publisher: Publisher | null = null;
  #since = '';
  #heardMs = 0;
  #port: number | null = null;
  #reason: Problem | null = null;
  #notice: Problem | null = null;
  #noticeTimer: NodeJS.Timeout | null = null;
  #begin: Buffer | null = null;
  #form: StreamBegin['form'] = 'bytes';
  readonly #configurations = new Map<'video' | 'audio', Buffer>();
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #keeps = false;

  constructor(kind: PublishedKind, onChange: () => void) {
    this.kind = kind;
    this.#onChange = onChange;
  }

  get state(): State {
    const publisher = this.#publisher && { address: this.#publisher.address, since: this.#since };
    return { port: this.#port, reason: this.#reason, publisher, notice: this.#notice };
  }

  /** Where it listens, or why it does not. */
  setListening(port: number | null, reason: Problem | null): void {
    this.#port = port;
    this.#reason = reason;
    this.#onChange();
  }

  /** Somebody publishes, so that nobody else may. */
  get isBusy(): boolean {
    if (this.#publisher === null || this.#publisher.isIdle) return false;
    return performance.now() - this.#heardMs < replaceableAfterMs;
  }

  /** @returns why it may not; null where it publishes from now on */
  admit(publisher: Publisher, begin: StreamBegin): Problem | null {
    if (this.isBusy) return this.turnAway('publisher-second', publisher.address);
    this.#publisher?.end(reasonOf('publisher-silent', this.#publisher.address));
    this.#forget();
    this.#publisher = publisher;
    this.#since = new Date().toISOString();
    this.#heardMs = performance.now();
    this.#setNotice(null);
    this.#begin = encodeStreamJson(streamMessage.begin, begin);
    this.#form = begin.form;
    this.#broadcast(this.#begin);
    this.#onChange();
    return null;
  }

  /** Says in the state why somebody may not publish, or not what it sends. */
  turnAway(code: ReasonCode, detail: string): Problem {
    const reason = reasonOf(code, detail);
    this.#setNotice(reason);
    this.#onChange();
    return reason;
  }

  /** It left. */
  leave(publisher: Publisher): void {
    if (this.#publisher !== publisher) return;
    this.#forget();
    this.#onChange();
  }

  /** Ends the one who publishes. */
  endPublisher(reason: Problem): void {
    this.#publisher?.end(reason);
  }

  configure(configuration: TrackConfiguration): void {
    const message = encodeStreamJson(streamMessage.configuration, configuration);
    if (this.#configurations.get(configuration.media)?.equals(message)) return;
    this.#configurations.set(configuration.media, message);
    this.#forgetKept();
    this.#broadcast(message);
  }

  picture(isKeyFrame: boolean, ptsMs: number, frame: Buffer): void {
    this.#send(encodePicture(isKeyFrame, ptsMs, frame), isKeyFrame);
  }

  sound(ptsMs: number, frame: Buffer): void {
    this.#send(encodeSound(ptsMs, frame), false);
  }

  bytes(bytes: Buffer): void {
    this.#send(encodeStreamMessage(streamMessage.bytes, bytes), false);
  }

  packet(payloadTypeAndPacket: Buffer, beginsKeyFrame: boolean): void {
    this.#send(encodeStreamMessage(streamMessage.packet, payloadTypeAndPacket), beginsKeyFrame);
  }

  /** What the sender's clock said at this RTP time stamp. */
  senderTime(payloadType: number, timestamp: number, senderMs: number): void {
    this.#broadcast(encodeSenderTime(payloadType, timestamp, senderMs));
  }

  /** It sends, even where nothing of it is of use yet. */
  heard(): void {
    this.#heardMs = performance.now();
  }

  /** Something is missing: what was kept does not lead to what comes. */
  interrupt(): void {
    this.#forgetKept();
  }

  /** A source takes it from now on, from the last key frame. */
  addTaker(socket: Socket): void {
    const taker: Taker = { socket, lost: false };
    this.#takers.add(taker);
    socket.on('close', () => this.#takers.delete(taker));
    if (this.#begin === null) return;
    socket.write(this.#begin);
    for (const configuration of this.#configurations.values()) socket.write(configuration);
    if (this.#kept.length > 0) {
      socket.write(encodeStreamMessage(streamMessage.replay, Buffer.from([1])));
      for (const message of this.#kept) socket.write(message);
      socket.write(encodeStreamMessage(streamMessage.replay, Buffer.from([0])));
    }
    taker.lost = this.#form !== 'bytes' && !this.#keeps;
    this.#publisher?.requestKeyFrame?.();
  }

  requestKeyFrame(): void {
    this.#publisher?.requestKeyFrame?.();
  }

  close(): void {
    if (this.#noticeTimer) clearTimeout(this.#noticeTimer);
    this.#noticeTimer = null;
  }

  #send(message: Buffer, beginsKeyFrame: boolean): void {
    this.heard();
    if (beginsKeyFrame) {
      this.#forgetKept();
      this.#keeps = true;
    }
    if (this.#keeps) {
      this.#kept.push(message);
      this.#keptBytes += message.length;
      if (this.#keptBytes > maxKeptBytes[this.#form]) this.#forgetKept();
    }
    for (const taker of this.#takers) {
      if (taker.socket.writableLength > maxUnreadBytes) taker.lost = true;
      else if (beginsKeyFrame || this.#form === 'bytes') taker.lost = false;
      if (!taker.lost) taker.socket.write(message);
    }
  }

  #broadcast(message: Buffer): void {
    for (const { socket } of this.#takers) socket.write(message);
  }

  #forget(): void {
    if (this.#begin !== null) this.#broadcast(encodeStreamJson(streamMessage.end, { reason: this.#notice }));
    this.#publisher = null;
    this.#begin = null;
    this.#configurations.clear();
    this.#forgetKept();
    for (const taker of this.#takers) taker.lost = false;
  }

  #forgetKept(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.#keeps = false;
  }

  #setNotice(notice: Problem | null): void {
    if (this.#noticeTimer) clearTimeout(this.#noticeTimer);
    this.#noticeTimer = null;
    this.#notice = notice;
    if (notice === null) return;
    this.#noticeTimer = setTimeout(() => {
      this.#notice = null;
      this.#onChange();
    }, noticeMs);
  }
}
