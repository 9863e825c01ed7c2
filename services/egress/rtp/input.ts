import { createSocket, type Socket } from 'node:dgram';
import { type RtpStreams, rtpRunBits } from '#core/protocol/link/media.ts';
import type { WebRtcAddon } from '../native-addon.ts';
import { isInputPacket, type MediaKind } from './packet.ts';

/** Room for a quarter of a second at 25 Mbit/s, should this process be held up. */
const receiveBufferBytes = 1024 * 1024;

/** The bits of an SSRC that stay through media's life. */
const ssrcMask = -(2 ** rtpRunBits) >>> 0;

type Take = (kind: MediaKind, packet: Buffer) => void;

/** Where media sends RTP: two UDP ports on loopback, one for pictures, one for sound; they stay until `close`. */
export interface RtpInput {
  readonly videoPort: number;
  readonly audioPort: number;
  /**
   * From now on the system lets in no packets but those of these streams, where it can: who floods the ports fills no
   * buffer that media needs.
   */
  expect(streams: RtpStreams): void;
  /** Packets that the system did not let in, or had no room for. */
  readonly dropped: number;
  close(): void;
}

/**
 * @param take is given each packet that can be media's, and may write to it
 * @param addon reads whole pictures at once; without it Node.js reads packet by packet, at several times the cost
 */
export async function openRtpInput(take: Take, addon: WebRtcAddon | null): Promise<RtpInput> {
  if (addon) return openByAddon(take, addon);
  const [video, audio] = await Promise.all([openSocket('video', take), openSocket('audio', take)]);
  return {
    videoPort: video.address().port,
    audioPort: audio.address().port,
    expect: () => {}, // Node.js can't ask for it: they are told apart once they are read
    dropped: 0,
    close: () => {
      for (const socket of [video, audio]) {
        try {
          socket.close();
        } catch {
          // closed before
        }
      }
    },
  };
}

function openByAddon(take: Take, addon: WebRtcAddon): RtpInput {
  const input = addon.openInput(receiveBufferBytes, (packets) => {
    for (let at = 0; at < packets.length; ) {
      const kind = packets[at] === 0 ? 'video' : 'audio';
      const start = at + 3;
      at = start + packets.readUInt16BE(at + 1);
      const packet = packets.subarray(start, at);
      if (isInputPacket(kind, packet)) take(kind, packet);
    }
  });
  return {
    videoPort: input.videoPort,
    audioPort: input.audioPort,
    expect: ({ videoSsrc, audioSsrc }) => void input.expect(videoSsrc, audioSsrc, ssrcMask),
    get dropped() {
      return input.dropped();
    },
    close: () => input.close(),
  };
}

async function openSocket(kind: MediaKind, take: Take): Promise<Socket> {
  const socket = createSocket({ type: 'udp4' });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    // Only programs on this machine can reach a loopback address.
    socket.bind({ port: 0, address: '127.0.0.1', exclusive: true }, resolve);
  });
  socket.removeAllListeners('error');
  socket.on('error', () => {}); // a lost packet; what matters shows as RTP that ceases
  socket.setRecvBufferSize(receiveBufferBytes);
  socket.on('message', (packet) => {
    if (isInputPacket(kind, packet)) take(kind, packet);
  });
  return socket;
}
