import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import { HttpProblem } from '../http/problem.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { PictureProof } from './picture-proof.ts';

/** What a new version must have running before it is committed. */
const wanted = ['media', 'egress', 'panel', 'outputs'] as const;
const busyStates: readonly UpdateBody['state'][] = ['downloading', 'verifying', 'installing', 'trying'];
/** A bundle is a third of this. */
const maxBundleBytes = 2 * 1024 ** 3;
/** What settings and logs need stays free. */
const keepFreeBytes = 64 * 1024 ** 2;

/** Control's end of updates: takes bundles in, says what the update service reports, and proves to it that all is well. */
export class Updates {
  readonly events = new EventHub<{ updateChanged: UpdateBody }>();
  readonly #options: {
    link: LinkHost;
    broadcast: Broadcast;
    proof: PictureProof;
    /** The folder that control shares with the update service. */
    directory: string;
    httpPort: () => number | null;
    /** Where newer versions are announced. */
    settings: () => Settings;
    logger: Logger;
  };
  #report: UpdateBody | null = null;
  #uploading = false;

  constructor(options: {
    link: LinkHost;
    broadcast: Broadcast;
    proof: PictureProof;
    directory: string;
    httpPort: () => number | null;
    settings: () => Settings;
    logger: Logger;
  }) {
    this.#options = options;
  }

  start(): void {
    const { link, broadcast } = this.#options;
    link.events.on('joined', ({ daemon }) => {
      if (daemon === 'update') this.configure();
    });
    link.events.on('update', (message) => {
      if (message.type === 'update_report') {
        this.#report = message.payload;
        this.events.emit('updateChanged', message.payload);
      } else if (message.type === 'update_prove') {
        void this.#prove(message.payload.source);
      }
    });
    broadcast.events.on('broadcastChanged', () => this.configure());
  }

  /** For the status, the doctor and the lights. */
  get problems(): readonly Problem[] {
    const report = this.#report;
    return report?.state === 'rolled-back' && report.reason ? [report.reason] : [];
  }

  /** @throws OnairError `unavailable` where nothing here can be updated in this way */
  get state(): UpdateBody {
    if (this.#report && this.#options.link.has('update')) return this.#report;
    throw new OnairError('unavailable', 'This box has no update service.', {
      subject: 'update',
      action: 'On plain Debian, install the new package: sudo apt install ./onair_VERSION.deb',
    });
  }

  /** @throws OnairError `conflict`, `unavailable` */
  install(request: {
    url?: string | undefined;
    downgrade?: boolean | undefined;
    onAir?: boolean | undefined;
  }): UpdateBody {
    this.#check(request);
    const { url } = request;
    if (
      url === undefined &&
      this.#options.settings().update.channel === null &&
      this.state.available === null
    )
      throw new OnairError('conflict', 'Nobody has said where new versions are announced.', {
        subject: 'update',
        action: 'Give the url of an update, set update.channel, or plug in a USB disk with it.',
      });
    return this.#tell(url === undefined ? 'channel' : { url }, request);
  }

  /** Takes the bundle in as it comes. @throws OnairError `conflict`, `unavailable`, HttpProblem 413 */
  async upload(
    request: IncomingMessage,
    consent: { downgrade?: boolean | undefined; onAir?: boolean | undefined },
  ): Promise<UpdateBody> {
    this.#check(consent);
    const { directory, logger } = this.#options;
    this.#uploading = true;
    try {
      await mkdir(directory, { recursive: true });
      await this.#clear();
      await this.#fits(request);
      const file = `upload-${randomUUID()}.raucb`;
      const path = join(directory, file);
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBundleBytes) request.destroy(new Error('too large'));
      });
      try {
        await pipeline(request, createWriteStream(path, { flags: 'wx', mode: 0o640, flush: true }));
      } catch (error) {
        logger.warn({ err: error }, 'an update was not taken in');
        await rm(path, { force: true });
        throw new OnairError('unavailable', 'The update could not be stored; nothing was changed.', {
          subject: 'update',
          action: 'Send it again; if this comes back, make room on the card.',
        });
      }
      return this.#tell({ file }, consent);
    } finally {
      this.#uploading = false;
    }
  }

  /** @throws OnairError `conflict`, `unavailable` */
  rollBack(consent: { onAir?: boolean | undefined }): UpdateBody {
    this.#check(consent);
    this.#options.link.sendToUpdate({ type: 'update_rollback', payload: { onAir: consent.onAir ?? false } });
    return this.state;
  }

  #check({ onAir }: { onAir?: boolean | undefined }): void {
    if (this.#uploading || busyStates.includes(this.state.state))
      throw new OnairError('conflict', 'An update is under way.', {
        subject: 'update',
        action: 'Wait for its end.',
      });
    if (this.#options.broadcast.wanted && !onAir)
      throw new OnairError('conflict', 'The box is on the air, and an update restarts it.', {
        subject: 'update',
        action: 'Stop the broadcast first, or allow it: onAir.',
      });
  }

  #tell(
    source: { url: string } | { file: string } | 'channel',
    { downgrade = false, onAir = false }: { downgrade?: boolean | undefined; onAir?: boolean | undefined },
  ): UpdateBody {
    this.#options.link.sendToUpdate({ type: 'update_install', payload: { source, downgrade, onAir } });
    return this.state;
  }

  /** What an upload that broke off, or an earlier update, has left. */
  async #clear(): Promise<void> {
    const { directory } = this.#options;
    for (const name of await readdir(directory))
      if (name.endsWith('.raucb')) await rm(join(directory, name), { force: true });
  }

  async #fits(request: IncomingMessage): Promise<void> {
    const bytes = Number(request.headers['content-length'] ?? 0);
    const { bavail, bsize } = await statfs(this.#options.directory);
    if (bytes + keepFreeBytes <= bavail * bsize && bytes <= maxBundleBytes) return;
    throw new HttpProblem({
      status: 413,
      code: 'too-large',
      title: `The card has no room for an update of ${Math.ceil(bytes / 1e6)} MB: ${Math.floor((bavail * bsize) / 1e6)} MB are free.`,
    });
  }

  /** Tells the update service what there is to know. */
  configure(): void {
    const { link, broadcast, httpPort, settings } = this.#options;
    const { channel: url, auto } = settings().update;
    const payload = { onAir: broadcast.wanted, httpPort: httpPort(), channel: { url, auto } };
    link.sendToUpdate({ type: 'update_configure', payload });
  }

  async #prove(source: 'set' | 'test'): Promise<void> {
    const { link, proof } = this.#options;
    this.configure(); // the page's port is known by now
    const missing = wanted.filter((name) => !link.has(name));
    const away: Problem = {
      code: 'services-missing',
      message: `These services did not start: ${missing.join(', ')}.`,
      action: 'See onair logs.',
    };
    const reason = missing.length > 0 ? away : await proof.run(source);
    link.sendToUpdate({ type: 'update_proof', payload: { reason } });
  }
}
