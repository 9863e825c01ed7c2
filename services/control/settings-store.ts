import { randomUUID } from 'node:crypto';
import { Low } from 'lowdb';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { DomainEvents } from '#core/domain/events.ts';
import type { SettingEffect } from '#core/domain/setting-meta.ts';
import { listSettings, type Settings, settingsSchema } from '#core/domain/settings.ts';
import { DurableFile } from '#core/runtime/durable-file.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { isObject, type JsonObject, leavesOf, mergePatch, readAt, writeAt } from './merge-patch.ts';
import { explain, keepValid } from './stored-settings.ts';

/** What a change did (design.md, "Shapes"). */
export interface SettingsChange {
  changed: string[];
  effect: SettingEffect;
  /** ISO 8601; a change that must be confirmed until then, else it is taken back. */
  confirmBy: string | null;
}

const effectsByWeight: readonly SettingEffect[] = ['none', 'pipeline', 'address'];

/** The box's settings: checked as a whole, stored durably, announced. Changes are made one after the other. */
export class SettingsStore {
  readonly events = new EventHub<Pick<DomainEvents, 'settingsChanged'>>();
  readonly #low: Low<JsonObject | null>;
  readonly #logger: Logger;
  readonly #overrides: JsonObject;
  /** What a file holds that has lost who the box is. */
  #remains: JsonObject | null = null;
  #problems: string[] = [];
  #current: Settings | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param options.path the JSON file
   * @param options.overrides a merge patch that holds for this run only (what `onair demo` was told), not stored
   */
  constructor(options: { path: string; logger: Logger; overrides?: JsonObject }) {
    this.#logger = options.logger;
    this.#overrides = structuredClone(options.overrides ?? {});
    const file = new DurableFile<JsonObject | null>({
      path: options.path,
      check: (value) => this.#check(value),
      onTorn: ({ path, problem }) =>
        this.#logger.error({ path, problem }, 'the settings file cannot be used; falling back to its backup'),
    });
    this.#low = new Low<JsonObject | null>(file, null);
  }

  /**
   * Reads what is stored; makes the identities at the first start.
   * @throws OnairError `invalid-message` where the overrides are no settings
   */
  async start(): Promise<void> {
    await this.#low.read();
    if (this.#problems.length > 0) {
      this.#logger.error({ problems: this.#problems }, 'stored settings cannot be used; their defaults hold');
    }
    const found = this.#low.data;
    if (found === null || this.#remains !== null) {
      const identity = identityOf(
        String(readAt(found, 'device.id') ?? randomUUID()),
        String(readAt(found, 'broadcast.streamId') ?? randomUUID()),
      );
      this.#low.data = mergePatch(identity, this.#remains ?? {});
      await this.#low.write();
    }
    const parsed = settingsSchema.safeParse(mergePatch(this.#low.data, this.#overrides));
    if (!parsed.success)
      throw new OnairError('invalid-message', explain(parsed.error), { subject: 'settings' });
    this.#current = parsed.data;
  }

  /** @throws Error before `start` */
  get current(): Settings {
    if (this.#current === null) throw new Error('settings are read in start()');
    return this.#current;
  }

  /** As people and programs may read them: secrets only as `{set: bool}`. */
  get readable(): JsonObject {
    const copy = structuredClone(this.current) as JsonObject;
    for (const { key, meta } of listSettings()) {
      if (meta.secret) writeAt(copy, key, { set: readAt(this.current, key) !== null });
    }
    return copy;
  }

  /**
   * Applies a merge patch (RFC 7386) as a whole or not at all; null puts a setting back to its default.
   * @throws OnairError `invalid-message` naming each key at fault, `unavailable` where it can't be stored
   */
  patch(patch: JsonObject): Promise<SettingsChange> {
    return this.#inTurn(async () => {
      refuseUnknown(patch);
      const candidate = mergePatch(this.#low.data, patch);
      const effective = mergePatch(mergePatch(candidate, this.#overrides), patch);
      const parsed = settingsSchema.safeParse(effective);
      if (!parsed.success)
        throw new OnairError('invalid-message', explain(parsed.error), { subject: 'settings' });
      refuseUnusable(parsed.data);
      await this.#store(candidate);
      dropOverridden(this.#overrides, patch);
      return this.#become(parsed.data);
    });
  }

  /** Back to how the box came, but for who it is. @throws OnairError `unavailable` where it can't be stored */
  reset(): Promise<SettingsChange> {
    return this.#inTurn(async () => {
      const { device, broadcast } = this.current;
      const candidate = identityOf(device.id, broadcast.streamId);
      await this.#store(candidate);
      return this.#become(settingsSchema.parse(mergePatch(candidate, this.#overrides)));
    });
  }

  /** What can be used of a file. @throws Error where that is nothing, or not who the box is */
  #check(value: unknown): JsonObject {
    if (!isObject(value)) throw new Error('it is no JSON object');
    const { settings, problems } = keepValid(value);
    this.#problems = problems;
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
    } catch (error) {
      this.#low.data = previous;
      this.#logger.error({ err: error }, 'settings could not be stored');
      throw new OnairError('unavailable', 'The settings could not be stored; nothing was changed.', {
        action: 'Check that the card is not full or worn out: run onair doctor.',
      });
    }
  }

  #become(settings: Settings): SettingsChange {
    const changed = differences(this.current, settings);
    this.#current = settings;
    if (changed.length > 0) this.events.emit('settingsChanged', { changed });
    return { changed, effect: effectOf(changed), confirmBy: null };
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => {});
    return result;
  }
}

function identityOf(deviceId: string, streamId: string): JsonObject {
  return { device: { id: deviceId }, broadcast: { streamId } };
}

function refuseUnknown(patch: JsonObject): void {
  const known = listSettings();
  const problems: string[] = [];
  for (const key of leavesOf(patch)) {
    const setting = known.find(
      ({ key: name }) => key === name || key.startsWith(`${name}.`) || name.startsWith(`${key}.`),
    );
    if (!setting) problems.push(`${key} is not a setting`);
    else if (setting.meta.fixed && !isObject(readAt(patch, key))) problems.push(`${key} cannot be changed`);
  }
  if (problems.length > 0) {
    throw new OnairError('invalid-message', `${problems.join('; ')}.`, {
      subject: 'settings',
      action: 'See the list of settings: onair settings get.',
    });
  }
}

/** What is right one by one and together shuts everybody out. */
function refuseUnusable({ viewing }: Settings): void {
  if (viewing.access !== 'pin' || viewing.pin !== null) return;
  throw new OnairError('invalid-message', 'viewing.access: pin needs a PIN, and viewing.pin is not set.', {
    subject: 'settings',
    action: 'Set viewing.pin first, or both at once.',
  });
}

function differences(before: Settings, after: Settings): string[] {
  return listSettings()
    .map(({ key }) => key)
    .filter((key) => JSON.stringify(readAt(before, key)) !== JSON.stringify(readAt(after, key)));
}

function effectOf(changed: readonly string[]): SettingEffect {
  const effects = listSettings().filter(({ key }) => changed.includes(key));
  return effects.reduce<SettingEffect>(
    (worst, { meta }) =>
      effectsByWeight.indexOf(meta.effect) > effectsByWeight.indexOf(worst) ? meta.effect : worst,
    'none',
  );
}

/** What the operator sets by hand no longer follows the command line. */
function dropOverridden(overrides: JsonObject, patch: JsonObject): void {
  for (const [key, value] of Object.entries(patch)) {
    const overridden = overrides[key];
    if (isObject(value) && isObject(overridden)) dropOverridden(overridden, value);
    else delete overrides[key];
  }
}
