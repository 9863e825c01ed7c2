import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { copyFromDisk, download } from './bring.ts';
import { type Installer, otherSlot, type SystemFacts } from './installer.ts';
import type { TrialRecord } from './trial-record.ts';
import { UpdateError, updateReasons } from './update-error.ts';
import { compareVersions } from './version-order.ts';

const proveAgainMs = 2_000;
/** Of the version that runs: its source has to start, and a picture of it to be decoded. */
const proofWithinMs = 150_000;

export interface Proofs {
  /** What is missing besides the page, or that the time was over; null where all is well. Rejects where control is away. */
  ask(source: 'set' | 'test', withinMs: number): Promise<Problem | null>;
  /** What is wrong with the page; null where it is served. */
  page(): Promise<Problem | null>;
}

export interface InstallRequest {
  /** An address, a path on a USB disk, or the name of a file in the update folder. */
  source: { url: string } | { disk: string } | { file: string };
  downgrade: boolean;
  onAir: boolean;
}

interface UpdaterOptions {
  installer: Installer;
  record: TrialRecord;
  proofs: Proofs;
  /** Bundles are put here. */
  directory: string;
  /** The version that runs. */
  version: string;
  /** How long a new version has, from the start of this service. */
  trialMs: number;
  onReport: (report: UpdateBody) => void;
  clock: Clock;
  logger: Logger;
}

/**
 * The course of an update: bring, verify, write to the other system, try it once, and commit it only once it has shown that it
 * does what the version before could. Whatever else happens, the version before is back.
 */
export class Updater {
  readonly #options: UpdaterOptions;
  readonly #ending = new AbortController();
  #report: UpdateBody;
  #facts: SystemFacts | null = null;
  #onAir = false;
  #offAir: (() => void)[] = [];
  #busy = false;

  constructor(options: UpdaterOptions) {
    this.#options = options;
    const { version } = options;
    this.#report = {
      current: version,
      slot: null,
      available: null,
      state: 'idle',
      percent: null,
      reason: null,
    };
  }

  get report(): UpdateBody {
    return this.#report;
  }

  /** Looks where it is, and goes on with what was begun before the restart. */
  async start(): Promise<void> {
    const { installer, record, logger } = this.#options;
    const facts = await installer.facts();
    this.#facts = facts;
    const trial = await record.read();
    this.#say({ slot: facts.slot, available: trial?.version ?? null });
    if (trial === null) return;
    if (facts.slot !== trial.slot) {
      if (trial.committed) return; // somebody has gone back since
      const reason = trial.reason ?? updateReasons.notStarted(trial.version);
      logger.warn({ version: trial.version, reason }, 'an update was taken back');
      await record.write({ ...trial, reason }).catch(() => {});
      this.#say({ state: 'rolled-back', reason });
    } else if (facts.usual === facts.slot) {
      if (!trial.committed) await record.write({ ...trial, committed: true }).catch(() => {});
      this.#say({ state: 'committed', available: null });
    } else {
      this.#say({ state: 'trying', available: null });
      void this.#prove(trial);
    }
  }

  /** A broadcast begins or ends: nothing restarts the box meanwhile. */
  setOnAir(onAir: boolean): void {
    this.#onAir = onAir;
    if (!onAir) for (const go of this.#offAir.splice(0)) go();
  }

  /** Never rejects: what becomes of it is in the report. */
  async install(request: InstallRequest): Promise<void> {
    await this.#once(async () => {
      const { installer, record, version: current, directory } = this.#options;
      const path = await this.#bring(request.source);
      this.#say({ state: 'verifying', percent: null, reason: null });
      const { version } = await installer.inspect(path);
      if (!request.downgrade && compareVersions(version, current) <= 0)
        throw new UpdateError(updateReasons.notNewer(version, current));
      this.#say({ state: 'installing', percent: 0, available: version });
      await installer.install(path, (percent) => this.#say({ percent }));
      await rm(path, { force: true });
      const slot = otherSlot((await installer.facts()).slot);
      await record.write({
        slot,
        version,
        before: current,
        reason: null,
        committed: false,
        picture: await this.#able(),
      });
      await this.#restartInto(request.onAir);
      await this.#clear(directory);
    });
  }

  /** Goes back to the other system, which is tried as a new one is. Never rejects. */
  async rollBack({ onAir }: { onAir: boolean }): Promise<void> {
    await this.#once(async () => {
      const { installer, record, version: current } = this.#options;
      const before = await record.read();
      await installer.chooseOther();
      const slot = otherSlot((await installer.facts()).slot);
      const version = before === null ? 'before' : before.slot === slot ? before.version : before.before;
      await record.write({
        slot,
        version,
        before: current,
        reason: null,
        committed: false,
        picture: await this.#able(),
      });
      await this.#restartInto(onAir);
    });
  }

  /** What the channel offers; a version that waits to be tried, or was brought, is told before it. */
  setOffer(version: string | null, reason: Problem | null): void {
    if (this.#busy || this.#report.state === 'trying') return;
    const { state, available, reason: told } = this.#report;
    // Why an update came to nothing is more than that nobody knows of another one.
    const mayTell = state === 'idle' && (told === null || told.code === updateReasons.noChannel('').code);
    this.#say({
      available: version ?? (state === 'rolled-back' ? available : null),
      ...(mayTell ? { reason } : {}),
    });
  }

  /** Nothing could be installed. */
  refuse(reason: Problem): void {
    if (!this.#busy && this.#report.state !== 'trying') this.#say({ state: 'idle', percent: null, reason });
  }

  close(): void {
    this.#ending.abort();
  }

  async #once(work: () => Promise<void>): Promise<void> {
    if (this.#busy || this.#report.state === 'trying') return;
    this.#busy = true;
    try {
      await work();
    } catch (error) {
      const { logger, directory } = this.#options;
      logger.error({ err: error }, 'the update came to nothing');
      const reason =
        error instanceof UpdateError ? error.reason : updateReasons.notWritten((error as Error).message);
      this.#say({ state: 'idle', percent: null, reason });
      await this.#clear(directory);
    } finally {
      this.#busy = false;
    }
  }

  async #bring(source: InstallRequest['source']): Promise<string> {
    const { directory } = this.#options;
    if ('file' in source) return join(directory, source.file);
    await mkdir(directory, { recursive: true });
    await this.#clear(directory);
    const path = join(directory, 'download.raucb');
    this.#say({ state: 'downloading', percent: 0, reason: null });
    const progress = {
      onProgress: (percent: number | null) => this.#say({ percent }),
      signal: this.#ending.signal,
    };
    if ('disk' in source) await copyFromDisk(source.disk, path, progress);
    else await download(source.url, path, progress);
    return path;
  }

  /** Nothing that was brought is left. */
  async #clear(directory: string): Promise<void> {
    const names = await readdir(directory).catch(() => []);
    for (const name of names) if (name.endsWith('.raucb')) await rm(join(directory, name), { force: true });
  }

  /** Whether this version can show a picture of its source: what it can't, the new one need not. */
  async #able(): Promise<'set' | 'test'> {
    const missing = await this.#options.proofs
      .ask('set', proofWithinMs)
      .catch(() => updateReasons.controlAway);
    if (missing)
      this.#options.logger.warn({ missing }, 'no picture of the source now: the test picture will do');
    return missing === null ? 'set' : 'test';
  }

  async #restartInto(onAir: boolean): Promise<void> {
    if (this.#onAir && !onAir) {
      this.#say({ percent: 100, reason: updateReasons.waitsForEnd });
      await new Promise<void>((resolve) => this.#offAir.push(resolve));
    }
    this.#say({ state: 'trying', percent: null, reason: null });
    await this.#options.installer.tryOther();
  }

  async #prove(trial: { picture: 'set' | 'test'; version: string }): Promise<void> {
    const { installer, record, trialMs, clock, logger } = this.#options;
    const deadlineMs = clock.monotonicMs() + trialMs;
    let missing: Problem | null = updateReasons.controlAway;
    while (missing !== null && clock.monotonicMs() < deadlineMs && !this.#ending.signal.aborted) {
      missing = await this.#missing(trial.picture, deadlineMs - clock.monotonicMs());
      if (missing !== null) await new Promise<void>((resolve) => clock.after(proveAgainMs, resolve));
    }
    if (this.#ending.signal.aborted) return;
    const now = await record.read();
    if (missing === null) {
      await installer.commit();
      if (now) await record.write({ ...now, committed: true, reason: null }).catch(() => {});
      logger.info({ version: trial.version }, 'the new version is committed');
      this.#say({ state: 'committed', reason: null });
      return;
    }
    const reason = updateReasons.notProven(trial.version, missing);
    logger.error({ reason }, 'the new version is taken back');
    if (now) await record.write({ ...now, reason }).catch(() => {});
    this.#say({ state: 'rolled-back', reason });
    await installer.restart();
  }

  async #missing(picture: 'set' | 'test', withinMs: number): Promise<Problem | null> {
    const { proofs } = this.#options;
    const services = await proofs.ask(picture, withinMs).catch(() => updateReasons.controlAway);
    return services ?? (await proofs.page());
  }

  #say(change: Partial<UpdateBody>): void {
    const next = { ...this.#report, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.#report)) return;
    this.#report = next;
    this.#options.onReport(next);
  }
}
