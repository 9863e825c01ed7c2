import { encodeGoodbye } from '../rtcp/goodbye.ts';
import { senderReports } from '../rtcp/sender-report.ts';
import type { ChosenCodec } from '../sdp/codec-choice.ts';
import { headerBytes, sequenceDifference, writePayloadType, writeSequence } from './packet.ts';
import type { PacketRing } from './packet-ring.ts';

/** What the viewer's packets are labelled with. */
export interface StreamLabels {
  cname: string;
  videoSsrc: number;
  audioSsrc: number;
  /** Of pictures' packets sent again (RFC 4588). */
  repeatSsrc: number;
}

/** More would be an attack: a second of video at 25 Mbit/s has about 2,600 packets. */
const maxRepeatsPerSecond = 1_000;

interface Deps {
  ring: PacketRing;
  labels: StreamLabels;
  video: ChosenCodec;
  audio: ChosenCodec | null;
  send: (packet: Buffer) => void;
}

/**
 * One viewer's view of the one stream: its own sequence numbers and payload types, written into the shared packet
 * just before it is sent. Everything else of a packet is the same for all.
 */
export class ViewerStream {
  readonly #deps: Deps;
  /** RFC 3711, 3.3.1: a first sequence number in the lower half spares the roll-over counter a wrong guess. */
  readonly #firstVideoSequence = Math.floor(Math.random() * 2 ** 15);
  readonly #firstAudioSequence = Math.floor(Math.random() * 2 ** 15);
  #firstVideoIndex = -1;
  #firstAudioIndex = -1;
  #repeats = 0;
  #videoPackets = 0;
  #videoOctets = 0;
  #audioPackets = 0;
  #audioOctets = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** False until the viewer has been given a key frame to begin on. */
  get started(): boolean {
    return this.#firstVideoIndex >= 0;
  }

  /**
   * Begins with the packets from `index`, the start of a key frame, to the newest one; false if they are gone. A
   * browser shows such late pictures as fast as it decodes them, and its delay is none the longer for it.
   */
  start(index: number): boolean {
    if (this.#deps.ring.get(index) === null) return false;
    this.#firstVideoIndex = index;
    for (let i = index; i <= this.#deps.ring.head; i += 1) {
      const packet = this.#deps.ring.get(i);
      if (packet) this.sendVideo(packet, i);
    }
    return true;
  }

  sendVideo(packet: Buffer, index: number): void {
    writePayloadType(packet, this.#deps.video.payloadType);
    writeSequence(packet, this.#firstVideoSequence + index - this.#firstVideoIndex);
    this.#deps.send(packet);
    this.#videoPackets += 1;
    this.#videoOctets += packet.length - headerBytes;
  }

  sendAudio(packet: Buffer, index: number): void {
    if (this.#deps.audio === null) return;
    if (this.#firstAudioIndex < 0) this.#firstAudioIndex = index;
    writePayloadType(packet, this.#deps.audio.payloadType);
    writeSequence(packet, this.#firstAudioSequence + index - this.#firstAudioIndex);
    this.#deps.send(packet);
    this.#audioPackets += 1;
    this.#audioOctets += packet.length - headerBytes;
  }

  /** Sends again what is still there of these packets of the picture. */
  repeat(sequences: number[]): void {
    for (const sequence of sequences) this.repeatVideo(sequence);
  }

  /** The viewer misses this packet of its video (RFC 4585, 6.2.1): sends it again if it is still there. */
  repeatVideo(sequence: number): void {
    if (!this.started || this.#repeats >= maxRepeatsPerSecond) return;
    const newest = this.#firstVideoSequence + this.#deps.ring.head - this.#firstVideoIndex;
    const index = this.#deps.ring.head + sequenceDifference(sequence, newest & 0xffff);
    if (index < this.#firstVideoIndex || index > this.#deps.ring.head) return;
    const packet = this.#deps.ring.get(index);
    if (packet === null) return;
    this.#repeats += 1;
    this.sendVideo(packet, index);
  }

  /** Sends sender reports (RFC 3550, 6.4.1): the moment on the wall clock and on both streams' clocks. */
  report(wallClockMs: number, videoTimestamp: number, audioTimestamp: number): void {
    for (const packet of senderReports({
      labels: this.#deps.labels,
      wallClockMs,
      video: { rtpTimestamp: videoTimestamp, packets: this.#videoPackets, octets: this.#videoOctets },
      audio: this.#deps.audio && {
        rtpTimestamp: audioTimestamp,
        packets: this.#audioPackets,
        octets: this.#audioOctets,
      },
    }))
      this.#deps.send(packet);
  }

  /** The streams end; the viewer need not wait for more. */
  sayGoodbye(): void {
    const { videoSsrc, audioSsrc } = this.#deps.labels;
    this.#deps.send(encodeGoodbye(this.#deps.audio === null ? [videoSsrc] : [videoSsrc, audioSsrc]));
  }

  /** Once a second: a fresh allowance of repeats. */
  renewAllowance(): void {
    this.#repeats = 0;
  }
}
