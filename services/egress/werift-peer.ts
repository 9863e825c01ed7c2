import { isIPv4 } from 'node:net';
import { type RTCDtlsTransport, type RTCPeerConnection, RtpHeader } from 'werift';
import { closeNotify } from '#core/runtime/dtls-close-notify.ts';
import type { LocalTransport, Peer, PeerEvents, RemoteTransport } from './engine.ts';
import { consentMs } from './ice/ice-agent.ts';
import { headerBytes, sequenceDifference } from './rtp/packet.ts';
import { readTransportAnswer, writeTransportOffer } from './sdp/transport-description.ts';

/** The 48-bit index of a stream's packets, of which RTP carries 16 (RFC 3711, 3.3.1). */
interface RolloverState {
  rolloverCounter: number;
  highestSequence: number;
}

/** One werift connection, of which the DTLS transport is used and nothing above it: RTP and RTCP are our own. */
export class WeriftPeer implements Peer {
  readonly #connection: RTCPeerConnection;
  readonly #bindAddress: string | null;
  readonly #header = new RtpHeader({ version: 2 });
  readonly #streams = new Map<number, RolloverState>();
  #events: PeerEvents | null;
  #onReleased: (() => void) | null;
  #local: LocalTransport | null = null;
  #transport: RTCDtlsTransport | null = null;
  #consent: NodeJS.Timeout | null = null;
  #open = false;
  #closed: Promise<void> | null = null;

  constructor(options: {
    connection: RTCPeerConnection;
    bindAddress: string | null;
    events: PeerEvents;
    onReleased: () => void;
  }) {
    this.#connection = options.connection;
    this.#bindAddress = options.bindAddress;
    this.#events = options.events;
    this.#onReleased = options.onReleased;
  }

  get local(): LocalTransport {
    if (this.#local === null) throw new Error('the transport has not been answered yet');
    return this.#local;
  }

  /** Takes the viewer's end and finds our own. */
  async answer(remote: RemoteTransport): Promise<void> {
    const connection = this.#connection;
    await connection.setRemoteDescription({ type: 'offer', sdp: writeTransportOffer(remote) });
    for (const transceiver of connection.getTransceivers()) transceiver.setDirection('inactive');
    const transport = connection.dtlsTransports[0];
    // werift's client says hello after 100 ms; its server misses a hello that comes as soon as ICE is done, and the
    // next one may take a second.
    if (transport) transport.role = remote.setup === 'active' ? 'server' : 'client';
    await connection.setLocalDescription(await connection.createAnswer());
    const description = connection.localDescription;
    if (this.#closed || !transport || !description)
      throw new Error('the transport closed before it was answered');
    const local = readTransportAnswer(description.sdp);
    const candidates = local.candidates.filter((candidate) => this.#isBound(candidate));
    this.#local = { ...local, candidates, iceLite: true, complete: true };
    this.#transport = transport;
    transport.onRtcp.subscribe((packet) => this.#events?.rtcp(packet.serialize()));
    transport.onStateChange.subscribe((state) => {
      if (state === 'connected') this.#connected();
      else if (state === 'closed') this.#end('closed');
      else if (state === 'failed') this.#end('failed');
    });
    transport.iceTransport.onStateChange.subscribe((state) => {
      if (state === 'failed') this.#end('failed');
      else if (state === 'disconnected' || state === 'closed') this.#end('closed');
    });
    if (transport.state === 'connected') this.#connected();
  }

  send(packet: Buffer): void {
    const transport = this.#transport;
    if (!this.#open || transport === null) return;
    const payloadType = (packet[1] ?? 0) & 0x7f;
    // RFC 5761, 4: with the marker bit, RTCP's packet types 192 to 223 look like these.
    const encrypted =
      payloadType >= 64 && payloadType <= 95
        ? transport.srtcp.encrypt(packet)
        : this.#encryptRtp(transport, packet, payloadType);
    transport.iceTransport.connection.send(encrypted).catch(() => {}); // the state change says why
  }

  /** An ICE-lite agent has no use for it. */
  addRemoteCandidate(_candidate: string): void {}

  /** The viewer's ICE agent has been heard of. */
  checked(): void {
    this.#consent?.refresh();
  }

  close(): Promise<void> {
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release(): Promise<void> {
    const transport = this.#open ? this.#transport : null;
    this.#open = false;
    this.#events = null;
    this.#transport = null;
    this.#streams.clear();
    if (this.#consent) clearTimeout(this.#consent);
    try {
      if (transport) await closeNotify(transport);
      await this.#connection.close();
    } finally {
      this.#onReleased?.();
      this.#onReleased = null;
    }
  }

  #connected(): void {
    if (this.#closed) return;
    this.#open = true;
    this.#consent = setTimeout(() => this.#end('closed'), consentMs);
    this.#events?.connected();
  }

  #end(how: 'closed' | 'failed'): void {
    this.#open = false;
    const events = this.#events;
    this.#events = null;
    events?.ended(how);
  }

  /**
   * By way of the cipher and not of werift's SRTP session, whose roll-over counter takes a packet sent again from
   * before the roll-over for the next roll-over.
   */
  #encryptRtp(transport: RTCDtlsTransport, packet: Buffer, payloadType: number): Buffer {
    const header = this.#header;
    header.marker = ((packet[1] ?? 0) & 0x80) !== 0;
    header.payloadType = payloadType;
    header.sequenceNumber = packet.readUInt16BE(2);
    header.timestamp = packet.readUInt32BE(4);
    header.ssrc = packet.readUInt32BE(8);
    const rolloverCounter = this.#rolloverCounter(header.ssrc, header.sequenceNumber);
    return transport.srtp.localContext.cipher.encryptRtp(
      header,
      packet.subarray(headerBytes),
      rolloverCounter,
    );
  }

  #rolloverCounter(ssrc: number, sequence: number): number {
    const state = this.#streams.get(ssrc);
    if (!state) {
      this.#streams.set(ssrc, { rolloverCounter: 0, highestSequence: sequence });
      return 0;
    }
    const step = sequenceDifference(sequence, state.highestSequence);
    if (step <= 0)
      return sequence > state.highestSequence ? state.rolloverCounter - 1 : state.rolloverCounter;
    if (sequence < state.highestSequence) state.rolloverCounter += 1;
    state.highestSequence = sequence;
    return state.rolloverCounter;
  }

  /** Bound to one address, werift still names the candidates of all. */
  #isBound(candidate: string): boolean {
    const [, , , , address = ''] = candidate.split(' ');
    if (this.#bindAddress === null || this.#bindAddress === address) return true;
    return (
      candidate.includes(' typ srflx') || candidate.includes(' typ relay') || isAnyAddress(this.#bindAddress)
    );
  }
}

const isAnyAddress = (address: string): boolean =>
  isIPv4(address) ? address === '0.0.0.0' : address === '::';
