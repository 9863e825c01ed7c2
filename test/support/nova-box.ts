import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenKeeper } from '#control/access/token-keeper.ts';
import { ViewerIdentity } from '#control/access/viewer-identity.ts';
import { Nova } from '#control/dialects/nova/nova.ts';
import { Audience } from '#control/domain/audience.ts';
import { Broadcast } from '#control/domain/broadcast.ts';
import { EncoderLoad } from '#control/domain/encoder-load.ts';
import { ViewerPings } from '#control/metrics/viewer-pings.ts';
import { SocketHost } from '#control/sockets/socket-host.ts';
import { IssueReports } from '#core/domain/issue-reports.ts';
import type { Problem } from '#core/domain/problem.ts';
import { StreamQuality, type VideoQuality } from '#core/domain/quality.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { DrivenClock } from './driven-clock.ts';
import { NovaClient } from './nova-client.ts';

export const streamId = '550e8400-e29b-41d4-a716-446655440000';
export const hd: VideoQuality = { width: 1280, height: 720, framesPerSecond: 30, bitrateKbps: 3_000 };

/** Nova and the domain behind it on a real socket, with time that the test drives; no media, no other daemon. */
export class NovaBox {
  readonly clock = new DrivenClock();
  readonly audience: Audience;
  readonly broadcast = new Broadcast({ clock: this.clock });
  readonly quality = new StreamQuality({ clock: this.clock });
  readonly encoderLoad = new EncoderLoad({ clock: this.clock });
  readonly reports = new IssueReports({ clock: this.clock, newId: randomUUID });
  readonly pings = new ViewerPings();
  readonly tokens: TokenKeeper;
  readonly nova: Nova;
  readonly sockets: SocketHost;
  /** What media would say. */
  format: VideoQuality = hd;
  measuredBitrateKbps: number | null = 2_900;
  readonly #folder: string;
  readonly #settings = initialSettings({ deviceId: 'd', streamId });
  readonly #server: Server = createServer();
  readonly #clients: NovaClient[] = [];

  private constructor(folder: string, maxViewers: number) {
    this.#folder = folder;
    this.audience = new Audience({ clock: this.clock, max: maxViewers });
    this.tokens = new TokenKeeper({ path: join(folder, 'token.key') });
    this.nova = new Nova({
      identity: new ViewerIdentity({ tokens: this.tokens, settings: () => this.#settings }),
      audience: this.audience,
      broadcast: this.broadcast,
      quality: this.quality,
      encoderLoad: this.encoderLoad,
      reports: this.reports,
      statistics: this.pings,
      clock: this.clock,
      facts: () => ({
        streamId,
        broadcasterId: 'user-123',
        broadcasterName: 'Streamer123',
        title: 'Live Gaming Session',
        description: 'Playing competitive games with viewers',
        quality: this.format,
        initialQuality: this.quality.initial ?? this.format,
        durationMs: this.broadcast.durationMs,
        maxBitrateKbps: 3_000,
        measuredBitrateKbps: this.measuredBitrateKbps,
        broadcast: this.broadcast.snapshot,
      }),
    });
    this.sockets = new SocketHost({
      dialects: [this.nova],
      clock: this.clock,
      logger: createLogger('nova-test', 'silent'),
    });
    this.#server.on('upgrade', (request, socket, head) => {
      void this.sockets.upgrade(request, socket as Socket, head, new URL(request.url ?? '/', 'http://box'));
    });
  }

  static async start({ maxViewers = 10 } = {}): Promise<NovaBox> {
    const box = new NovaBox(await mkdtemp(join(tmpdir(), 'onair-nova-')), maxViewers);
    await box.tokens.start();
    box.broadcast.events.on('broadcastStarted', () => {
      box.audience.resetPeak();
      box.quality.begin(box.format);
    });
    box.broadcast.events.on('broadcastEnded', () => box.quality.end());
    box.nova.start();
    box.sockets.start();
    await new Promise<void>((resolve) => box.#server.listen(0, '127.0.0.1', resolve));
    return box;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** "ws://127.0.0.1:PORT/api/v1/streams/ID/ws?…" */
  url(query: Record<string, string> = {}, id = streamId): string {
    return `ws://127.0.0.1:${this.port}/api/v1/streams/${id}/ws?${new URLSearchParams(query)}`;
  }

  async token(viewerId: string = randomUUID(), forStream = streamId): Promise<string> {
    return (await this.tokens.issue({ viewerId, streamId: forStream })).token;
  }

  /** The box's own key, and what its tokens claim: for a token that the box would not make. */
  async tokenParts(): Promise<{ key: Uint8Array; payload: { iss: string; aud: string } }> {
    const [, claims = ''] = (await this.token()).split('.');
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return { key: await readFile(join(this.#folder, 'token.key')), payload };
  }

  /** A client that is let in. */
  async join(viewerId?: string): Promise<NovaClient> {
    return await this.connect(this.url({ token: await this.token(viewerId) }));
  }

  async connect(url: string): Promise<NovaClient> {
    const client = await NovaClient.connect(url);
    this.#clients.push(client);
    return client;
  }

  /** Resolves once so many are in the audience: a goodbye takes a moment to get through. */
  async viewers(expected: number): Promise<void> {
    if (this.audience.viewers === expected) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.audience.viewers} viewers, not ${expected}`)),
        5_000,
      );
      const end = this.audience.events.on('audienceChanged', ({ viewers }) => {
        if (viewers !== expected) return;
        clearTimeout(timer);
        end();
        resolve();
      });
    });
  }

  goLive(): void {
    this.broadcast.start();
    this.broadcast.reportPipeline({ state: 'running', reason: null });
    this.broadcast.seePicture();
  }

  /** Pictures cease, for a reason that media gives. */
  interrupt(reason: Problem = sourceLost): void {
    this.broadcast.reportPipeline({ state: 'retrying', reason });
  }

  stop(): void {
    this.broadcast.stop();
    this.broadcast.reportPipeline({ state: 'idle', reason: null });
  }

  /** Time passes while pictures keep coming, as they do while live. */
  liveFor(ms: number): void {
    for (let passed = 0; passed < ms; passed += 1_000) {
      this.clock.advance(Math.min(1_000, ms - passed));
      this.broadcast.seePicture();
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.terminate();
    this.nova.close();
    this.sockets.close();
    this.broadcast.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export const sourceLost: Problem = {
  code: 'source-lost',
  message: 'The camera stopped delivering: it was unplugged.',
  action: 'Check its cable; Onair tries again by itself.',
};
