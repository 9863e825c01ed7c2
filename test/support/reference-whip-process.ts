import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PeerConnection, RtcpReceivingSession } from 'node-datachannel';

interface Session {
  connection: PeerConnection;
  etag: string;
}

const sdpType = 'application/sdp';
const fragmentType = 'application/trickle-ice-sdpfrag';
const reasons: Record<string, number> = { malformed: 400, type: 415, 'no codec': 406 };

/**
 * A small WHIP server (RFC 9725) of libdatachannel, for the suite to be tried on: it takes media and reports what came.
 * Its arguments are the faults it has on purpose. It writes its URL to stdout.
 */
class WhipServer {
  readonly #server: Server;
  readonly #sessions = new Map<string, Session>();
  readonly #faults: ReadonlySet<string>;

  constructor(faults: readonly string[]) {
    this.#faults = new Set(faults);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: Error) =>
        this.#say(
          response,
          reasons[error.message] ?? 500,
          'application/problem+json',
          `{"title":"${error.message}"}`,
        ),
      );
    });
  }

  /** @returns its URL */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/whip`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = /^\/whip\/([\w-]+)$/.exec(request.url ?? '')?.[1];
    if (request.method === 'OPTIONS') {
      response.writeHead(200, { 'accept-post': sdpType, 'content-length': 0 }).end();
    } else if (id === undefined) await this.#atEndpoint(request, response);
    else await this.#atSession(id, request, response);
  }

  async #atEndpoint(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' || request.method === 'HEAD') {
      response.writeHead(204).end();
      return;
    }
    if (request.method !== 'POST') {
      response.writeHead(405, { allow: 'GET, HEAD, POST, OPTIONS', 'content-length': 0 }).end();
      return;
    }
    const offer = await bodyOf(request);
    if (request.headers['content-type']?.toLowerCase() !== sdpType) throw new Error('type');
    if (!offer.startsWith('v=0\r\n') || !offer.includes('\na=ice-ufrag:')) throw new Error('malformed');
    if (!offer.includes('\na=rtcp-mux\r')) throw new Error('malformed'); // RFC 8035
    if (!/a=rtpmap:\d+ (H264|VP8|opus)\//i.test(offer)) throw new Error('no codec');
    const id = randomUUID();
    const { connection, answer } = await answerOf(offer);
    const etag = `"${randomUUID()}"`;
    this.#sessions.set(id, { connection, etag });
    response.writeHead(201, {
      'content-type': this.#faults.has('content-type') ? 'text/plain' : sdpType,
      ...(this.#faults.has('location') ? {} : { location: `/whip/${id}` }),
      etag,
    });
    response.end(answer);
  }

  async #atSession(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) {
      this.#say(response, 404, 'text/plain', 'no such session');
    } else if (request.method === 'DELETE') {
      session.connection.close();
      this.#sessions.delete(id);
      this.#say(response, 200, 'text/plain', '');
    } else if (request.method === 'PATCH') {
      const text = await bodyOf(request);
      if (request.headers['content-type'] !== fragmentType) throw new Error('type');
      const match = request.headers['if-match'];
      if (match === undefined) this.#say(response, 428, 'text/plain', 'If-Match');
      else if (match !== '*' && match !== session.etag) this.#say(response, 412, 'text/plain', 'If-Match');
      else if (!/^a=/.test(text)) throw new Error('malformed');
      else if (match === '*') this.#say(response, 422, 'text/plain', 'no ICE restart');
      else {
        takeCandidates(session.connection, text);
        response.writeHead(204).end();
      }
    } else response.writeHead(204).end();
  }

  #say(response: ServerResponse, status: number, type: string, body: string): void {
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  }
}

/** Names of mDNS, and transports that it has not, libdatachannel passes over by itself. */
function takeCandidates(connection: PeerConnection, fragment: string): void {
  const mid = /^a=mid:(\S+)/m.exec(fragment)?.[1] ?? '0';
  for (const [line] of fragment.matchAll(/^a=candidate:.*?(?=\r?$)/gm)) {
    try {
      connection.addRemoteCandidate(line, mid);
    } catch {
      // none that it can use
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  return text;
}

/** libdatachannel answers the whole offer; what RFC 9725 wants beyond RFC 8829 is added. */
async function answerOf(offer: string): Promise<{ connection: PeerConnection; answer: string }> {
  const connection = new PeerConnection('ingest', { iceServers: [], disableAutoNegotiation: true });
  const gathered = new Promise<void>((resolve) => {
    connection.onGatheringStateChange((state) => {
      if (state === 'complete') resolve();
    });
  });
  connection.onTrack((track) => {
    track.setMediaHandler(new RtcpReceivingSession());
    track.onMessage(() => {});
    track.onClosed(() => {});
  });
  try {
    connection.setRemoteDescription(offer, 'offer');
    connection.setLocalDescription('answer');
  } catch {
    connection.close();
    throw new Error('malformed');
  }
  await gathered;
  const sdp = connection.localDescription()?.sdp ?? '';
  const answer = sdp
    .replace(/a=rtcp-mux\r\n/g, 'a=rtcp-mux\r\na=rtcp-mux-only\r\n')
    .replace(/a=sendrecv\r\n/g, 'a=recvonly\r\n');
  return { connection, answer };
}

console.log(await new WhipServer(process.argv.slice(2)).start());
