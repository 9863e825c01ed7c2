import type { BusStream } from '#core/protocol/media-bus.ts';
import { onLines } from '#core/runtime/lines.ts';
import { MediaBusClient } from '#core/runtime/media-bus-client.ts';
import { endWhip, offerByWhip, WhipRefusal } from './endpoint.ts';
import { Publisher } from './publisher.ts';

/**
 * One WHIP destination, once: as native/push.c is for RTMP and SRT, with the same lines on standard input and output.
 * Its settings: bus, name, base, url, token.
 */
process.title = 'onair-outputs-whip';
process.on('SIGINT', () => {}); // Ctrl-C goes to the whole group: the parent decides.

const settings = new Map<string, string>();
const connectWithinMs = 10_000;
let stage: 'connect' | 'stream' = 'connect';
let connectingSinceMs = performance.now();
let resource: string | null = null;
let publisher: Publisher | null = null;
let ending = false;

const write = (...fields: (string | number)[]): void => {
  process.stdout.write(`${fields.join('\t')}\n`);
};

function clean(text: string): string {
  let said = text.replaceAll(/[\t\r\n]/g, ' ');
  for (const secret of [settings.get('token'), settings.get('url')?.split('?')[1]])
    if (secret && secret.length > 3) said = said.replaceAll(secret, '***');
  return said;
}

async function finish(exitCode: number): Promise<never> {
  ending = true;
  if (resource !== null) await endWhip(resource, settings.get('token') ?? null);
  publisher?.close();
  process.exit(exitCode);
}

function fail(domain: string, code: number, message: string, details = ''): void {
  if (ending) return;
  ending = true;
  const afterMs = Math.round(performance.now() - connectingSinceMs);
  write('failed', stage, afterMs, domain, code, clean(message), clean(details));
  void finish(1);
}

function failBy(error: unknown): void {
  if (error instanceof WhipRefusal) {
    fail('http', error.status, error.message);
    return;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  fail('fetch', 0, cause instanceof Error ? cause.message : String(cause), code);
}

function run(): void {
  const token = settings.get('token') ?? null;
  const url = settings.get('url') ?? '';
  const base = Number(settings.get('base'));
  const bus = new MediaBusClient({
    socketPath: settings.get('bus') ?? '',
    name: settings.get('name') ?? 'whip',
    wants: { video: true, sound: ['opus'] },
  });

  const connect = async (stream: BusStream): Promise<void> => {
    connectingSinceMs = performance.now();
    const made = new Publisher({ stream, base, stunServers: [] });
    publisher = made;
    setTimeout(() => {
      if (stage === 'connect') fail('onair', 2, 'answered, and no way to it was found');
    }, connectWithinMs).unref();
    made.events.on('connected', () => {
      stage = 'stream';
      write('connected');
      bus.requestKeyFrame();
    });
    made.events.on('keyFrameWanted', () => bus.requestKeyFrame());
    made.events.on('failed', (state) => fail('webrtc', 0, `the connection is ${state}`));
    const answer = await offerByWhip(url, token, await made.offer());
    resource = answer.resource;
    made.accept(answer.sdp);
  };

  bus.events.on('stream', (stream) => {
    if (publisher === null) connect(stream).catch(failBy);
    else publisher.describe(stream);
  });
  bus.events.on('video', (video) => publisher?.sendVideo(video));
  bus.events.on('audio', (audio) => publisher?.sendSound(audio));
  bus.start();
  setInterval(() => {
    if (stage === 'stream') write('stats', publisher?.bytesSent ?? 0, 0, 0);
  }, 1_000);
}

onLines(process.stdin, (line) => {
  if (line === 'start') run();
  const space = line.indexOf(' ');
  if (space > 0) settings.set(line.slice(0, space), line.slice(space + 1));
});
process.stdin.on('end', () => void finish(0));
