import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type NetworkPath, pathBytes } from './ice/network-path.ts';

/** What happened on the network thread (engine.h). */
export const addonEvent = {
  stun: 0,
  rtcp: 1,
  connected: 2,
  closed: 3,
  failed: 4,
  keyFrameNeeded: 5,
} as const;

/** How one stream of a viewer is labelled; 0 is "none" for the last four. */
export interface AddonLabels {
  ssrc: number;
  timestampOffset: number;
  firstSequence: number;
  payloadType: number;
  repeatPayloadType: number;
  repeatSsrc: number;
  transportSequenceId: number;
  sendTimeId: number;
}

/** Of one viewer, since it came. */
export interface AddonCounts {
  videoPackets: number;
  videoOctets: number;
  audioPackets: number;
  audioOctets: number;
  bytesSent: number;
  skippedFrames: number;
  repeats: number;
}

/** Of all, since it was asked last. */
export interface AddonLoad {
  /** Of one processor's time, the network thread's part. */
  busyRatio: number;
  /** How late frames left, 95th percentile and most. */
  lateMs: number;
  mostLateMs: number;
  packets: number;
  bytes: number;
  skippedFrames: number;
  droppedDatagrams: number;
  /** The system takes many packets at once (UDP GSO). */
  segments: boolean;
}

/**
 * `native/`: one UDP socket, DTLS, SRTP and fan-out on a thread of its own. Peers are numbers that we choose. After
 * `close` every call is without effect.
 */
export interface AddonEngine {
  readonly port: number;
  readonly ipv4Only: boolean;
  /** SHA-256 of our certificate. */
  readonly fingerprint: Buffer;
  /** @param algorithm as OpenSSL names it, "sha256"; the handshake fails unless the viewer's certificate hashes to `fingerprint` */
  add(peer: number, isServer: boolean, algorithm: string, fingerprint: Buffer): void;
  /** Datagrams from that end of the path are the peer's. */
  route(peer: number, path: NetworkPath): void;
  /** What goes to the peer takes this path. */
  select(peer: number, path: NetworkPath): void;
  remove(peer: number): void;
  sendTo(path: NetworkPath, bytes: Buffer): void;
  /** One RTP packet with a plain header, or one compound RTCP packet. */
  send(peer: number, packet: Buffer): void;
  /** From now on frames go to the peer, from the last key frame or the next. */
  attach(peer: number, fromLastKeyFrame: boolean, video: AddonLabels, audio: AddonLabels | null): void;
  keyFramesOnly(peer: number, only: boolean): void;
  /** One frame for all attached peers. @param places of each packet, counted from the first of the frame */
  frame(
    kind: 0 | 1,
    isKey: boolean,
    index: number,
    spreadMs: number,
    packets: Buffer[],
    places: number[],
  ): void;
  /** Pictures' packets by the sequence numbers that the peer knows. */
  resend(peer: number, sequences: number[]): void;
  /**
   * Fills `values` with pairs of µs (modulo 2³²) and bytes by transport-wide sequence number; −1 for what was not sent,
   * or long ago.
   */
  sent(peer: number, first: number, count: number, values: Float64Array): void;
  counts(peer: number): AddonCounts | undefined;
  load(): AddonLoad | undefined;
  close(): void;
}

/** Two UDP sockets on loopback, for pictures and sound, read many packets at once. `close` may be called twice. */
export interface AddonInput {
  readonly videoPort: number;
  readonly audioPort: number;
  /**
   * From now on the system drops all packets but those of these SSRCs, of which only the bits of `mask` count.
   * @returns false where it can't
   */
  expect(videoSsrc: number, audioSsrc: number, mask: number): boolean;
  /** Packets that the system dropped (modulo 2³²): those, and any that came while there was no room. */
  dropped(): number;
  close(): void;
}

export interface WebRtcAddon {
  readonly openssl: string;
  /**
   * @param callback is given all packets that have come: the socket's number (1 byte; 0 is pictures), the length
   *   (2 bytes), the packet, one after the other; it may write to them
   * @throws Error with the system's code where no port can be had
   */
  openInput(receiveBufferBytes: number, callback: (packets: Buffer) => void): AddonInput;
  /**
   * @param bindAddress empty is every one
   * @param callback is given what happened, for `readEvents`
   * @throws Error with the system's code where the port can't be had
   */
  start(port: number, bindAddress: string, callback: (events: Buffer) => void): AddonEngine;
}

/**
 * Reads what the addon tells at once (`deliver` in addon.cpp): type, peer (4 bytes), length (2 bytes), for STUN the path,
 * then the data.
 * @param take is given data that it may keep for a moment, and a path of its own
 */
export function readEvents(
  events: Buffer,
  take: (type: number, peer: number, data: Buffer, path: NetworkPath | null) => void,
): void {
  for (let at = 0; at < events.length; ) {
    const type = events.readUInt8(at);
    const peer = events.readUInt32BE(at + 1);
    const length = events.readUInt16BE(at + 5);
    at += 7;
    let path: NetworkPath | null = null;
    if (type === addonEvent.stun) {
      // It is kept for as long as the session: not with all that came beside it.
      path = Buffer.alloc(pathBytes);
      events.copy(path, 0, at, at + pathBytes);
      at += pathBytes;
    }
    take(type, peer, events.subarray(at, at + length), path);
    at += length;
  }
}

/**
 * Node.js may carry an OpenSSL of its own and show its symbols to everybody: the addon takes Debian's all the same.
 * @throws Error where it was not compiled, or its libraries are not there. @param path it lies beside the bundles
 */
export function loadWebRtcAddon(path = addonPath()): WebRtcAddon {
  const module = { exports: {} };
  process.dlopen(module, path, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_DEEPBIND);
  return module.exports as WebRtcAddon;
}

/** Null where it was not compiled, or its libraries are missing. */
export function findWebRtcAddon(): WebRtcAddon | null {
  try {
    return loadWebRtcAddon();
  } catch {
    return null;
  }
}

/** Beside the bundles; from the sources and from a test's own bundle, dist/ is two folders up. */
function addonPath(): string {
  const places = ['./webrtc.node', '../../dist/webrtc.node'];
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? '';
}
