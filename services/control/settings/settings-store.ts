import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { Low } from 'lowdb';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { DomainEvents } from '#core/domain/events.ts';
import { explain } from '#core/domain/explain.ts';
import { isObject, type JsonObject, readAt } from '#core/domain/json.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import { listSettings, otherSettingNames, type Settings, settingsSchema } from '#core/domain/settings.ts';
import type { SettingsChange } from '#core/protocol/endpoints/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { DurableFile } from '../storage/durable-file.ts';
import { withIngestKey, withNewIngestKey } from './ingest-key.ts';
import { maskSettings, unmaskSettings } from './masked-settings.ts';
import { mergePatch, withOwnNames, writeAt } from './merge-patch.ts';
import { differences, dropOverridden, effectOf, refuseUnknown, refuseUnusable } from './settings-checks.ts';
import { type Migration, migrate, migrations } from './settings-migrations.ts';
import { takenBack, trialAfter, trialMs, trialOf, withTrial } from './settings-trial.ts';
import { keepValid } from './stored-settings.ts';

/** The box's settings: checked as a whole, stored durably, announced. Changes are made one after the other. */
export class SettingsStore {
  readonly events = new EventHub<Pick<DomainEvents, 'settingsChanged'>>();
  readonly #low: Low<JsonObject | null>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #overrides: JsonObject;
  readonly #migrations: readonly Migration[];
  /** What a file holds that has lost who the box is. */
  #remains: JsonObject | null = null;
  /** What was wrong with the file that was read last. */
  #found: string[] = [];
  #problems: readonly string[] = [];
  #current: Settings | null = null;
  /** Why the whole file can't be used. */
  #torn: string | null = null;
  /** What can't be used was not written so by a person. */
  #cardSuspect = false;
  /** Settings are in memory alone. */
  #storeless = false;
  readonly #queue = new SerialQueue();
  #cancelTrial: () => void = () => {};

  /**
   * @param options.path the JSON file
   * @param options.overrides a merge patch that holds for this run only (what `onair demo` was told), not stored
   */
  constructor(options: {
    path: string;
    clock: Clock;
    logger: Logger;
    overrides?: JsonObject;
    migrations?: readonly Migration[];
  }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#overrides = structuredClone(options.overrides ?? {});
    this.#migrations = options.migrations ?? migrations;
    const file = new DurableFile<JsonObject | null>({
      path: options.path,
      check: (value) => this.#check(value),
      onTorn: ({ path, problem, unreadable }) => {
        this.#logger.error({ path, problem }, 'the settings file cannot be used; falling back to its backup');
        if (path !== options.path) return; // nobody can repair what is wrong with the backup
        this.#torn = `${basename(path)} could not be used (${problem})`;
        if (!unreadable) this.#torn += `, and is kept as ${basename(path)}.unusable`;
        this.#cardSuspect ||= unreadable;
      },
    });
    this.#low = new Low<JsonObject | null>(file, null);
  }

  /**
   * Reads what is stored; makes the identities at the first start. A change that nobody confirmed in time, also while
   * nothing ran, is taken back.
   * @throws OnairError `invalid-message` where the overrides are no settings
   */
  async start(): Promise<void> {
    await this.#low.read();
    if (this.#torn) {
      const instead = this.#low.data === null ? 'the defaults hold' : 'an older one holds';
      this.#problems = [...this.#problems, `${this.#torn}: ${instead}`];
    }
    this.#problems = [...this.#problems, ...this.#found];
    if (this.#found.length > 0) {
      this.#logger.error({ problems: this.#found }, 'stored settings cannot be used; their defaults hold');
    }
    const found = this.#low.data;
    if (found === null || this.#remains !== null) {
      const identity = this.#identity(
        String(readAt(found, 'device.id') ?? randomUUID()),
        String(readAt(found, 'broadcast.streamId') ?? randomUUID()),
      );
      this.#low.data = mergePatch(identity, this.#remains ?? {});
    }
    this.#low.data = withIngestKey(this.#low.data ?? {});
    // A file in which something is wrong stays as somebody wrote it until the next change.
    const mayWrite = found === null || this.#remains !== null || this.#found.length === 0;
    if (found !== this.#low.data && mayWrite)
      await this.#low.write().catch((error) => this.#goWithoutStore(error));
    const parsed = settingsSchema.safeParse(mergePatch(this.#low.data, this.#overrides));
    if (!parsed.success)
      throw new OnairError('invalid-message', explain(parsed.error), { subject: 'settings' });
    this.#current = parsed.data;
    this.#awaitConfirmation();
  }

  /** @throws Error before `start` */
  get current(): Settings {
    if (this.#current === null) throw new Error('settings are read in start()');
    return this.#current;
  }

  /** What was wrong with the stored settings at the start; what is right holds all the same. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Whether the card may be to blame for `problems`: files that hold nothing, nothing that can be stored. */
  get cardSuspect(): boolean {
    return this.#cardSuspect || this.#storeless;
  }

  /** As people and programs may read them: secrets only as `{set: bool}`. */
  get readable(): JsonObject {
    const copy = structuredClone(this.current) as JsonObject;
    for (const { key, meta } of listSettings()) {
      if (meta.secret) writeAt(copy, key, { set: readAt(this.current, key) !== null });
    }
    for (const [other, key] of Object.entries(otherSettingNames))
      writeAt(copy, other, readAt(this.current, key));
    maskSettings(copy);
    return copy;
  }

  /**
   * Applies a merge patch (RFC 7386) as a whole or not at all; null puts a setting back to its default.
   * @param options.mayCutOff who asks would lose the box by a new address: such a change must be confirmed
   * @throws OnairError `invalid-message` naming each key at fault, `unavailable` where it can't be stored
   */
  patch(asked: JsonObject, options: { mayCutOff?: boolean } = {}): Promise<SettingsChange> {
    return this.#queue.run(async () => {
      const named = withOwnNames(asked);
      refuseUnknown(named);
      const patch = withNewIngestKey(unmaskSettings(named, this.current));
      const before = this.#low.data ?? {};
      const after = mergePatch(before, patch);
      const effective = mergePatch(mergePatch(after, this.#overrides), patch);
      const parsed = settingsSchema.safeParse(effective);
      if (!parsed.success)
        throw new OnairError('invalid-message', explain(parsed.error), { subject: 'settings' });
      refuseUnusable(parsed.data);
      const changed = differences(this.current, parsed.data);
      const onTrial = options.mayCutOff === true && effectOf(changed) === 'address';
      const until = onTrial ? new Date(this.#clock.nowMs() + trialMs).toISOString() : null;
      const trial = trialAfter({ before, after, changed, until });
      await this.#store(withTrial(after, trial));
      dropOverridden(this.#overrides, patch);
      this.#awaitConfirmation();
      return { ...this.#become(parsed.data), confirmBy: onTrial ? (trial?.until ?? null) : null };
    });
  }

  /**
   * Keeps a change that had to be confirmed.
   * @throws OnairError `conflict` where there is none, `unavailable` where it can't be stored
   */
  confirm(): Promise<SettingsChange> {
    return this.#queue.run(async () => {
      const trial = trialOf(this.#low.data);
      if (trial === null) {
        throw new OnairError('conflict', 'No change waits to be confirmed.', {
          subject: 'settings',
          action: 'One that was not confirmed in time was taken back: make it again.',
        });
      }
      await this.#store(withTrial(this.#low.data ?? {}, null));
      this.#cancelTrial();
      const changed = trial.previous.map(({ key }) => key);
      return { changed, effect: effectOf(changed), confirmBy: null, notInUse: null };
    });
  }

  /** Back to how the box came, but for who it is. @throws OnairError `unavailable` where it can't be stored */
  reset(): Promise<SettingsChange> {
    return this.#queue.run(async () => {
      const { device, broadcast } = this.current;
      const candidate = withIngestKey(this.#identity(device.id, broadcast.streamId));
      await this.#store(candidate);
      this.#cancelTrial();
      return this.#become(settingsSchema.parse(mergePatch(candidate, this.#overrides)));
    });
  }

  /** As they are in the file, without a change that waits to be confirmed. */
  get stored(): JsonObject {
    return structuredClone(withTrial(this.#low.data ?? {}, null));
  }

  /**
   * Back to settings that held before, or, without any, to how the box came. They hold for this run where they
   * cannot be stored.
   */
  putBack(earlier: JsonObject | null): Promise<SettingsChange> {
    return this.#queue.run(async () => {
      const { device, broadcast } = this.current;
      const identity = this.#identity(device.id, broadcast.streamId);
      const { settings } = keepValid(migrate(earlier ?? {}, this.#migrations).settings);
      const candidate = mergePatch(withIngestKey(settings), identity);
      const changed = differences(this.current, settingsSchema.parse(mergePatch(candidate, this.#overrides)));
      if (changed.length > 0) await this.#store(candidate).catch(() => {});
      this.#cancelTrial();
      return this.#become(settingsSchema.parse(mergePatch(candidate, this.#overrides)));
    });
  }

  close(): void {
    this.#cancelTrial();
  }

  /** What can be used of a file. @throws Error where that is nothing, or not who the box is */
  #check(value: unknown): JsonObject {
    if (!isObject(value)) throw new Error('it is not a JSON object');
    const migrated = migrate(value, this.#migrations);
    const { settings, problems } = keepValid(migrated.settings);
    this.#found = [...migrated.notes, ...problems];
    if (settingsSchema.safeParse(settings).success) return settings;
    this.#remains ??= settings;
    throw new Error(['the identity of the box is missing', ...problems].join('; '));
  }

  async #store(candidate: JsonObject): Promise<void> {
    const previous = this.#low.data;
    if (JSON.stringify(candidate) === JSON.stringify(previous)) return;
    this.#low.data = candidate;
    try {
      await this.#low.write();
      this.#storeless = false;
    } catch (error) {
      if (this.#storeless) return; // there is nothing on the card that this could fall behind
      this.#low.data = previous;
      this.#logger.error({ err: error }, 'settings could not be stored');
      throw new OnairError('unavailable', 'The settings could not be stored; nothing was changed.', {
        action: 'Check that the card is not full or worn out: run onair doctor.',
      });
    }
  }

  /** A card that takes nothing, from the first start on: the box streams all the same, and says what is wrong. */
  #goWithoutStore(error: unknown): void {
    this.#storeless = true;
    this.#problems = [...this.#problems, 'nothing can be stored: settings hold until the next start only'];
    this.#logger.error({ err: error }, 'settings cannot be stored: they hold until the next start only');
  }

  #become(settings: Settings): SettingsChange {
    const changed = differences(this.current, settings);
    this.#current = settings;
    if (changed.length > 0) this.events.emit('settingsChanged', { changed });
    return { changed, effect: effectOf(changed), confirmBy: null, notInUse: null };
  }

  /** However the clock of a board without one may have jumped, no longer than a trial lasts. */
  #awaitConfirmation(): void {
    this.#cancelTrial();
    const trial = trialOf(this.#low.data);
    if (trial === null) return;
    const leftMs = Date.parse(trial.until) - this.#clock.nowMs();
    this.#cancelTrial = this.#clock.after(Math.min(Math.max(leftMs, 0), trialMs), () => {
      void this.#queue.run(() => this.#takeBack(trial.until));
    });
  }

  /** Also where it can't be stored: then the file still says at the next start that this is to be taken back. */
  async #takeBack(until: string): Promise<void> {
    const trial = trialOf(this.#low.data);
    if (trial?.until !== until || this.#low.data === null) return; // confirmed, or prolonged, at the last moment
    const candidate = takenBack(this.#low.data, trial);
    const parsed = settingsSchema.safeParse(mergePatch(candidate, this.#overrides));
    if (!parsed.success) return; // what held before holds no more: there is nothing to go back to
    await this.#store(candidate).catch(() => {});
    this.#low.data = candidate;
    const { changed } = this.#become(parsed.data);
    this.#logger.warn({ changed }, 'nobody confirmed a change of address: it is taken back');
  }

  #identity(deviceId: string, streamId: string): JsonObject {
    return { version: this.#migrations.length, device: { id: deviceId }, broadcast: { streamId } };
  }
}
