import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters } from 'werift';

/** A WHIP endpoint (RFC 9725) that takes one token, and counts what it receives. */
export class WhipServer {
  readonly #http: Server;
  readonly #connections = new Set<RTCPeerConnection>();
  /** By kind. */
  readonly packets = { video: 0, audio: 0 };
  /** Types of the NAL units that began packets. */
  readonly nalTypes = new Set<number>();
  readonly timestamps: number[] = [];
  ended = 0;
  refused = 0;

  private constructor(http: Server) {
    this.#http = http;
  }

  static async start(token: string): Promise<WhipServer> {
    const http = createServer((request, response) => {
      if (request.headers.authorization !== `Bearer ${token}`) {
        server.refused += 1;
        response.writeHead(401).end();
        return;
      }
      if (request.method === 'DELETE') {
        server.ended += 1;
        response.writeHead(200).end();
        return;
      }
      let offer = '';
      request.on('data', (chunk) => {
        offer += chunk;
      });
      request.on('end', () => {
        server.#answer(offer).then(
          (sdp) =>
            response
              .writeHead(201, { 'content-type': 'application/sdp', location: '/whip/session' })
              .end(sdp),
          () => response.writeHead(400).end(),
        );
      });
    });
    const server = new WhipServer(http);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return server;
  }

  get url(): string {
    const address = this.#http.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/whip`;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) await connection.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #answer(offer: string): Promise<string> {
    const connection = new RTCPeerConnection({
      iceServers: [],
      codecs: {
        video: [
          new RTCRtpCodecParameters({
            mimeType: 'video/H264',
            clockRate: 90_000,
            rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
          }),
        ],
        audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })],
      },
    });
    this.#connections.add(connection);
    connection.onTrack.subscribe((track: MediaStreamTrack) => {
      track.onReceiveRtp.subscribe(({ header, payload }) => {
        const kind = track.kind === 'audio' ? 'audio' : 'video';
        this.packets[kind] += 1;
        if (kind === 'audio') return;
        this.timestamps.push(header.timestamp);
        this.nalTypes.add((payload[0] ?? 0) & 0x1f);
      });
    });
    await connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await connection.setLocalDescription(await connection.createAnswer());
    return connection.localDescription?.sdp ?? '';
  }
}
