import type { EngineName } from './load-engine.ts';
import type { MediaKind } from './rtp/packet.ts';
import type { IceServerAddress } from './sdp/ice-server.ts';

/** A certificate's fingerprint as in SDP (RFC 8122, 5): "sha-256", "AB:CD:…". */
export interface Fingerprint {
  algorithm: string;
  value: string;
}

/** The viewer's end of the one transport, taken from its offer and checked: nothing else of it reaches an engine. */
export interface RemoteTransport {
  iceUfrag: string;
  icePwd: string;
  fingerprint: Fingerprint;
  /** What the viewer will be in the DTLS handshake (RFC 5763, 5). */
  setup: 'actpass' | 'active' | 'passive';
  /** `candidate:…` lines whose addresses are IP literals. */
  candidates: string[];
}

/** Our end, for the answer. */
export interface LocalTransport {
  iceUfrag: string;
  icePwd: string;
  fingerprint: Fingerprint;
  setup: 'active' | 'passive';
  /** We answer checks and make none (RFC 8445, 2.5). */
  iceLite: boolean;
  /** `candidate:…` lines known so far, for each of `hostAddresses`; `localCandidate` brings the rest. */
  candidates: string[];
  /** No more candidates will come. */
  complete: boolean;
}

/** New ICE credentials of the viewer, for a restart (RFC 8839, 4.4.1.1). */
export type RemoteIce = Pick<RemoteTransport, 'iceUfrag' | 'icePwd' | 'candidates'>;

/** Our new ones, which must differ from the former. */
export type LocalIce = Pick<LocalTransport, 'iceUfrag' | 'icePwd' | 'iceLite' | 'candidates'>;

/** What happens on a transport. After `ended`, or after `close`, nothing more is said. */
export interface PeerEvents {
  /** A candidate found after the answer was made; null is the end of them. */
  localCandidate(candidate: string | null): void;
  /** ICE and DTLS are done: packets go through. */
  connected(): void;
  /** The viewer closed the transport, or it failed. */
  ended(how: 'closed' | 'failed'): void;
  /** One decrypted compound RTCP packet. */
  rtcp(packet: Buffer): void;
}

/** One viewer's ICE + DTLS-SRTP transport. */
export interface Peer {
  readonly local: LocalTransport;
  /**
   * Encrypts and sends one RTP or RTCP packet. The caller uses the buffer again at once: the engine keeps no part of it.
   * A transport that isn't up drops the packet.
   */
  send(packet: Buffer): void;
  /** @param candidate a `candidate:…` line whose address is an IP literal */
  addRemoteCandidate(candidate: string): void;
  /**
   * Starts ICE afresh under new credentials of both sides; DTLS, SRTP and the packets go on. An engine without this
   * method can't, and viewers are told to open a new session instead.
   * @returns null where this transport can't (it isn't up)
   */
  restartIce?(remote: RemoteIce): LocalIce | null;
  /** Present where the engine fans out by itself (`Engine.frames`). */
  readonly frames?: PeerFrames;
  /** Tells the viewer by DTLS's close_notify; libdatachannel 0.24.5 mostly drops it when it takes its transports down. */
  close(): void;
}

/** All packets of one picture, or one of sound, as media made them. */
export interface Frame {
  kind: MediaKind;
  isKey: boolean;
  /** Of the first packet, counted over the whole stream without a jump. */
  index: number;
  /** Over how long its packets leave, so that a key frame is not a burst. */
  spreadMs: number;
  /** Copied before `send` returns. */
  packets: Buffer[];
  /** Of each packet, counted from the first: a packet that media sent and that never came leaves its place free. */
  places: number[];
}

/** One call for a frame and all its viewers, who each have sequence numbers and payload types of their own. */
export interface FrameFanOut {
  send(frame: Frame): void;
}

/** How one stream is labelled for one viewer. */
export interface FrameStream {
  ssrc: number;
  firstSequence: number;
  payloadType: number;
  /** Packets sent again have a stream of their own (RFC 4588); null: they go as they were. */
  repeat: { ssrc: number; payloadType: number } | null;
  /** Header extensions by their number in this session (RFC 8285); null is none. */
  extensions: { transportSequence: number | null; sendTime: number | null };
}

export interface FrameStreams {
  video: FrameStream;
  audio: FrameStream | null;
}

/** One viewer of an engine that fans out by itself. */
export interface PeerFrames {
  /**
   * From now on frames go to the viewer, from the last key frame or the next. Who falls 200 ms behind is sent nothing
   * more up to the next key frame, and `skipped` asks for one.
   */
  attach(streams: FrameStreams, fromLastKeyFrame: boolean, events: { skipped(): void }): void;
  /** Packets of the picture by the sequence numbers that the viewer knows. */
  resend(sequences: number[]): void;
  keyFramesOnly(only: boolean): void;
  counts(): {
    videoPackets: number;
    videoOctets: number;
    audioPackets: number;
    audioOctets: number;
    bytesSent: number;
    skippedFrames: number;
    /** Packets sent again. */
    repeats: number;
  };
  /**
   * When packets were sent, by transport-wide sequence number: pairs of µs (modulo 2³²; −1 for one that was never sent,
   * or too long ago) and encrypted bytes without UDP and IP.
   * @param values room for `count` pairs
   */
  sent(first: number, count: number, values: Float64Array): void;
}

/** How busy an engine's own thread was since this was asked last. */
export interface EngineLoad {
  /** Of one processor's time. */
  busyRatio: number;
  /** How late frames left: 95th percentile. */
  lateMs: number;
  skippedFrames: number;
}

/** A WebRTC implementation, reduced to what fan-out needs of one. RTP, RTCP and SDP are ours (`rtp/`, `rtcp/`, `sdp/`). */
export interface Engine {
  readonly name: EngineName;
  /** The UDP port all viewers share; 0 where the engine takes one for each. */
  readonly port: number;
  /** Peers not yet closed, for those who look for leaks. */
  readonly peers: number;
  /** Opens a transport towards a viewer; resolves as soon as the host candidates are known. */
  open(remote: RemoteTransport, iceServers: IceServerAddress[], events: PeerEvents): Promise<Peer>;
  /** Present where the engine takes a frame for all viewers at once; else each packet goes by `Peer.send`. */
  readonly frames?: FrameFanOut;
  /** Present where the engine sends on a thread of its own. */
  load?(): EngineLoad | null;
  /** Ends all peers, telling the viewers. */
  close(): Promise<void>;
}

/** Where an engine listens. */
export interface EngineOptions {
  /** 0 lets the system choose. */
  port: number;
  /** Null is every address, IPv4 and IPv6. */
  bindAddress: string | null;
}
