import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { listen } from '#core/runtime/listen.ts';
import { trimMemory } from '#core/runtime/memory-trim.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import { loadSystemAddon } from '#core/runtime/system-addon.ts';
import { reasonOf } from '../reasons.ts';
import type { FromIngest, IngestWish, ToIngest, WhipRequest } from './contract.ts';
import { Publication } from './publication.ts';
import { RtmpServer } from './rtmp/rtmp-server.ts';
import { SrtListener } from './srt/srt-listener.ts';
import { type PublishedKind, type StreamHello, StreamReader, streamMessage } from './stream-protocol.ts';
import type { WhipSession } from './whip/whip-session.ts';

/** The process that takes what others publish (contract.ts). */
process.title = 'onair-media-ingest';
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => {}); // Ctrl-C goes to the whole group: the parent decides.

const retryListenMs = 5_000;
const helloWithinMs = 5_000;

const notify = (message: FromIngest): void => {
  process.send?.(message);
};
const note = (kind: PublishedKind) => (text: string, details: Record<string, string | number>) =>
  notify({ type: 'note', level: 'info', text, details: { kind, ...details } });

let reported = '';
const report = (): void => {
  const all = { rtmp: rtmp.state, srt: srt.state, whip: whip.state };
  const text = JSON.stringify(all);
  if (text === reported) return;
  reported = text;
  notify({ type: 'report', report: all });
};
const rtmp = new Publication('rtmp', report);
const srt = new Publication('srt', report);
const whip = new Publication('whip', report);
const publications = { rtmp, srt, whip };

let wish: IngestWish = { key: '', rtmp: null, srt: null, whip: false };
const isKey = (key: string): boolean => wish.key !== '' && sameSecret(key, wish.key);
let rtmpServer: RtmpServer | null = null;
let rtmpRetry: NodeJS.Timeout | null = null;

async function listenToRtmp(): Promise<void> {
  if (rtmpRetry) clearTimeout(rtmpRetry);
  rtmpServer?.close();
  rtmpServer = null;
  if (wish.rtmp === null) {
    rtmp.setListening(null, null);
    return;
  }
  const { port } = wish.rtmp;
  const server = new RtmpServer({ publication: rtmp, isKey, note: note('rtmp') });
  rtmpServer = server;
  try {
    const got = await server.start(port);
    if (rtmpServer === server) rtmp.setListening(got, null);
  } catch (error) {
    if (rtmpServer !== server) return;
    rtmp.setListening(null, reasonOf('rtmp-port', `${port}: ${(error as Error).message}`));
    rtmpRetry = setTimeout(() => void listenToRtmp(), retryListenMs);
  }
}

let srtListener: SrtListener | null = null;

function listenToSrt(): void {
  srtListener?.close();
  srtListener = null;
  srt.setListening(null, null);
  if (wish.srt === null) return;
  const { port } = wish.srt;
  srtListener = new SrtListener({ publication: srt, port, key: wish.key, note: note('srt') });
  void srtListener.start();
}

async function configure(next: IngestWish): Promise<void> {
  const before = wish;
  wish = next;
  if (before.key !== next.key) {
    for (const publication of Object.values(publications))
      publication.endPublisher(reasonOf('publisher-key', 'the box, whose key is another one now'));
  }
  if (JSON.stringify(before.rtmp) !== JSON.stringify(next.rtmp)) await listenToRtmp();
  const isOther = before.key !== next.key || JSON.stringify(before.srt) !== JSON.stringify(next.srt);
  if (isOther) listenToSrt();
  if (!next.whip) whip.endPublisher(reasonOf('publisher-silent', 'the box, which takes no WHIP any more'));
  report();
}

/** A source process. */
function welcome(socket: Socket): void {
  socket.on('error', () => {}); // 'close' follows
  const deadline = setTimeout(() => socket.destroy(), helloWithinMs);
  let receive = (type: number, body: Buffer): void => {
    if (type !== streamMessage.hello) throw new RangeError('hello comes first');
    clearTimeout(deadline);
    const hello = JSON.parse(body.toString('utf8')) as StreamHello;
    receive = takerOf(hello.kind, socket);
  };
  const reader = new StreamReader((type, body) => receive(type, body));
  socket.on('data', (bytes) => {
    try {
      reader.push(bytes);
    } catch {
      socket.destroy();
    }
  });
  socket.on('close', () => clearTimeout(deadline));
}

function takerOf(kind: PublishedKind, socket: Socket): (type: number) => void {
  const publication = publications[kind];
  publication.addTaker(socket);
  return (type) => {
    if (type === streamMessage.keyFrameWanted) publication.requestKeyFrame();
  };
}

async function listenToSources(path: string): Promise<void> {
  await rm(path, { force: true });
  await listen(createServer(welcome), { path });
  await chmod(path, 0o660);
}

const whipSessions = new Map<string, WhipSession>();

async function answerWhip({ session, sdp, address }: Extract<WhipRequest, { act: 'offer' }>): Promise<void> {
  // WebRTC is loaded with the first who needs it.
  const { WhipSession } = await import('./whip/whip-session.ts');
  if (process.listenerCount('unhandledRejection') === 0) process.on('unhandledRejection', endWhip);
  const opened = new WhipSession({
    publication: whip,
    address,
    onEnd: () => {
      if (whipSessions.delete(session)) notify({ type: 'whip-ended', session });
    },
  });
  whipSessions.set(session, opened);
  const result = await opened.answer(sdp);
  const answer = 'sdp' in result ? { sdp: result.sdp, refusal: null } : { sdp: null, ...result };
  notify({ type: 'whip-answer', answer: { session, ...answer } });
  if ('sdp' in result) note('whip')('a publisher joined', { address });
}

/** What goes wrong in WebRTC is no reason to end those who publish otherwise. */
function endWhip(error: unknown): void {
  const details = { kind: 'whip', problem: error instanceof Error ? error.message : String(error) };
  notify({ type: 'note', level: 'warn', text: 'WebRTC failed: its publisher is ended', details });
  for (const session of whipSessions.values()) session.close();
}

function receiveWhip(request: WhipRequest): void {
  if (request.act === 'offer') {
    answerWhip(request).catch(() => {
      whipSessions.get(request.session)?.close();
      const answer = { session: request.session, sdp: null, refusal: 'malformed' as const };
      notify({ type: 'whip-answer', answer });
    });
  } else whipSessions.get(request.session)?.close();
}

let listening: Promise<void> | null = null;
process.on('message', (message: ToIngest) => {
  if (message.type === 'whip') {
    receiveWhip(message.request);
    return;
  }
  listening ??= listenToSources(message.socketPath);
  listening
    .then(() => configure(message.wish))
    .catch((error: Error) => {
      console.error(error.message);
      process.exit(1);
    });
});

notify({ type: 'warm' });
trimMemory(loadSystemAddon());
