import { randomUUID } from 'node:crypto';
import { Low } from 'lowdb';
import type { z } from 'zod';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { DomainEvents } from '#core/domain/events.ts';
import {
  initialSettings,
  listSettings,
  type SettingEffect,
  type Settings,
  settingsSchema,
} from '#core/domain/settings.ts';
import { DurableFile } from '#core/runtime/durable-file.ts';
import type { Logger } from '#core/runtime/logger.ts';

/** What a change did (design.md, "Shapes"). */
export interface SettingsChange {
  changed: string[];
  effect: SettingEffect;
  /** ISO 8601; a change that must be confirmed until then, else it is taken back. */
  confirmBy: string | null;
}

interface JsonObject {
  [key: string]: unknown;
}

const effectsByWeight: readonly SettingEffect[] = ['none', 'pipeline', 'address'];

/** The box's settings: checked as a whole, stored durably, announced. */
export class SettingsStore {
  readonly events = new EventHub<Pick<DomainEvents, 'settingsChanged'>>();
  readonly #low: Low<JsonObject | null>;
  readonly #logger: Logger;
  readonly #overrides: JsonObject;
  #current: Settings | null = null;

  /**
   * @param options.path the JSON file
   * @param options.overrides a merge patch that holds for this run only (what `onair demo` was told), not stored
   */
  constructor(options: { path: string; logger: Logger; overrides?: JsonObject }) {
    this.#logger = options.logger;
    this.#overrides = options.overrides ?? {};
    const file = new DurableFile<JsonObject | null>({
      path: options.path,
      check: (value) => {
        settingsSchema.parse(value);
        return value as JsonObject;
      },
      onTorn: ({ path, problem }) =>
        this.#logger.error({ path, problem }, 'the settings file cannot be used; falling back to its backup'),
    });
    this.#low = new Low<JsonObject | null>(file, null);
  }

  /** Reads what is stored; makes the identities at the first start. */
  async start(): Promise<void> {
    await this.#low.read();
    if (this.#low.data === null) {
      this.#low.data = initialSettings({ deviceId: randomUUID(), streamId: randomUUID() });
      await this.#persist();
    }
    this.#current = settingsSchema.parse(mergePatch(this.#low.data, this.#overrides));
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
  async patch(patch: JsonObject): Promise<SettingsChange> {
    this.#refuseUnknown(patch);
    const candidate = mergePatch(this.#low.data ?? {}, patch);
    const effective = mergePatch(mergePatch(candidate, this.#overrides), patch);
    const parsed = settingsSchema.safeParse(effective);
    if (!parsed.success)
      throw new OnairError('invalid-message', explain(parsed.error), { subject: 'settings' });
    const before = this.current;
    const changed = differences(before, parsed.data);
    if (changed.length > 0) {
      const previous = this.#low.data;
      this.#low.data = candidate;
      try {
        await this.#persist();
      } catch (error) {
        this.#low.data = previous;
        this.#logger.error({ err: error }, 'settings could not be stored');
        throw new OnairError('unavailable', 'The settings could not be stored; nothing was changed.', {
          action: 'Check that the card is not full or worn out: run onair doctor.',
        });
      }
      dropOverridden(this.#overrides, patch);
      this.#current = parsed.data;
      this.events.emit('settingsChanged', { changed });
    }
    return { changed, effect: effectOf(changed), confirmBy: null };
  }

  /** Back to how the box came, but for who it is. */
  async reset(): Promise<SettingsChange> {
    const { device, broadcast } = this.current;
    const before = this.current;
    this.#low.data = initialSettings({ deviceId: device.id, streamId: broadcast.streamId });
    await this.#persist();
    this.#current = settingsSchema.parse(mergePatch(this.#low.data, this.#overrides));
    const changed = differences(before, this.#current);
    if (changed.length > 0) this.events.emit('settingsChanged', { changed });
    return { changed, effect: effectOf(changed), confirmBy: null };
  }

  #refuseUnknown(patch: JsonObject): void {
    const known = listSettings();
    const problems: string[] = [];
    for (const key of leavesOf(patch)) {
      const setting = known.find(
        ({ key: name }) => key === name || key.startsWith(`${name}.`) || name.startsWith(`${key}.`),
      );
      if (!setting) problems.push(`${key} is not a setting`);
      else if (setting.meta.fixed) problems.push(`${key} cannot be changed`);
    }
    if (problems.length > 0) {
      throw new OnairError('invalid-message', `${problems.join('; ')}.`, {
        subject: 'settings',
        action: 'See the list of settings: onair settings get.',
      });
    }
  }

  async #persist(): Promise<void> {
    await this.#low.write();
  }
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

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** RFC 7386, without touching its arguments. */
export function mergePatch(target: unknown, patch: JsonObject): JsonObject {
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (unsafeKeys.has(key)) continue;
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) ? mergePatch(merged[key], value) : value;
  }
  return merged;
}

function leavesOf(patch: JsonObject, path = ''): string[] {
  return Object.entries(patch).flatMap(([key, value]) =>
    isObject(value) && Object.keys(value).length > 0 ? leavesOf(value, `${path}${key}.`) : [`${path}${key}`],
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

function readAt(value: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
}

function writeAt(target: JsonObject, key: string, value: unknown): void {
  const path = key.split('.');
  const last = path.pop();
  const parent = path.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), target);
  if (last !== undefined && isObject(parent)) parent[last] = value;
}

/** What zod found, as one readable sentence a key. */
export function explain(error: z.ZodError): string {
  return error.issues
    .slice(0, 8)
    .map(({ path, message }) => {
      const plain = message.charAt(0).toLowerCase() + message.slice(1);
      return path.length > 0 ? `${path.join('.')}: ${plain}` : plain;
    })
    .join('; ')
    .concat('.');
}
