import { parse, TomlError } from 'smol-toml';
import type { BootOutput, BootProblem } from '#core/domain/boot-settings.ts';
import { parseDestination } from '#core/domain/destination.ts';
import { OnairError } from '#core/domain/errors.ts';
import { isObject, type JsonObject } from '#core/domain/json.ts';
import { listSettings } from '#core/domain/settings.ts';
import { readSshKeys } from './authorized-keys.ts';
import { type TomlPlace, tomlPlaces } from './toml-places.ts';

/** A network that the file names. */
export interface BootWifi {
  ssid: string;
  /** Null is an open network; blank is what the box has already. */
  passphrase: string | null;
  hidden: boolean;
}

/** What an `onair.toml` says. */
export interface BootFile {
  /** A merge patch of the settings, each value of it valid. */
  patch: JsonObject;
  wifi: BootWifi | null;
  outputs: BootOutput[];
  sshKeys: string[];
  problems: BootProblem[];
  /** The text without its secrets, as long as before; comments and all else stay. */
  blanked: string;
}

/** Words at the top that stand for a setting. */
const shortcuts: Readonly<Record<string, string>> = {
  name: 'device.name',
  hostname: 'network.hostname',
  time_zone: 'device.timeZone',
  country: 'network.wifi.country',
  access_point: 'network.wifi.accessPoint',
  access_point_passphrase: 'network.wifi.accessPointPassphrase',
};
const settingsByKey = new Map(listSettings().map((setting) => [setting.key, setting]));

/** Reads the file's text; one mistake costs what it stands in, and nothing else. */
export function readBootFile(text: string): BootFile {
  // Some editors put a byte order mark before the text, which is not part of it.
  if (text.startsWith('\ufeff')) {
    const found = readBootFile(text.slice(1));
    return { ...found, blanked: `\ufeff${found.blanked}` };
  }
  let table: JsonObject;
  try {
    table = parse(text);
  } catch (error) {
    return { patch: {}, wifi: null, outputs: [], sshKeys: [], problems: [notToml(error)], blanked: text };
  }
  return new Reader(table, text).read();
}

class Reader {
  readonly #table: JsonObject;
  readonly #text: string;
  readonly #places: TomlPlace[];
  readonly #problems: BootProblem[] = [];
  readonly #patch: JsonObject = {};
  readonly #used: string[][] = [];

  constructor(table: JsonObject, text: string) {
    this.#table = table;
    this.#text = text;
    this.#places = tomlPlaces(text);
  }

  read(): BootFile {
    let wifi: BootWifi | null = null;
    let sshKeys: string[] = [];
    let outputs: BootOutput[] = [];
    for (const [key, value] of Object.entries(this.#table)) {
      const setting = Object.hasOwn(shortcuts, key) ? shortcuts[key] : undefined;
      if (setting !== undefined) this.#set(setting, tidied(key, value), [key]);
      else if (key === 'wifi') wifi = this.#wifi(value);
      else if (key === 'ssh_key') sshKeys = this.#sshKeys(value);
      else if (key === 'output') outputs = this.#outputs(value);
      else if (key === 'settings') this.#settings(value, []);
      else
        this.#unknown(
          [key],
          'name, hostname, country, wifi, ssh_key, access_point, access_point_passphrase, output and settings',
        );
    }
    const problems = this.#problems.sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
    return { patch: this.#patch, wifi, outputs, sshKeys, problems, blanked: this.#blanked() };
  }

  #settings(value: unknown, path: string[]): void {
    if (!isTable(value)) {
      this.#complain(
        ['settings', ...path],
        'must be a table of settings',
        'Write [settings.video], then width = 1280.',
      );
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      const at = [...path, name];
      const key = at.join('.');
      if (settingsByKey.has(key)) this.#set(key, inner, ['settings', ...at]);
      else if ([...settingsByKey.keys()].some((known) => known.startsWith(`${key}.`)))
        this.#settings(inner, at);
      else this.#unknown(['settings', ...at], 'what onair settings get shows');
    }
  }

  #set(key: string, value: unknown, path: string[]): void {
    const setting = settingsByKey.get(key);
    if (!setting) return;
    if (setting.meta.secret && value === '') return; // used before, and blanked
    if (setting.meta.fixed) {
      this.#complain(path, 'cannot be changed', 'Take the line away.');
      return;
    }
    const parsed = setting.schema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const message = issue?.message ?? 'is not right';
      this.#complain(path, `${message.charAt(0).toLowerCase()}${message.slice(1)}`, 'Change the line.');
      return;
    }
    if (setting.meta.secret) this.#used.push(path);
    writeAt(this.#patch, key.split('.'), value);
  }

  #wifi(value: unknown): BootWifi | null {
    if (!isTable(value)) {
      this.#complain(['wifi'], 'must be a table', 'Write [wifi], then ssid = "…" and passphrase = "…".');
      return null;
    }
    for (const key of Object.keys(value))
      if (!['ssid', 'passphrase', 'hidden'].includes(key))
        this.#unknown(['wifi', key], 'ssid, passphrase and hidden');
    const { ssid, passphrase = null, hidden = false } = value;
    const bytes = typeof ssid === 'string' ? Buffer.byteLength(ssid) : 0;
    const before = this.#problems.length;
    if (typeof ssid !== 'string' || bytes < 1 || bytes > 32 || ssid.includes('\0'))
      this.#complain(
        ['wifi', 'ssid'],
        'must be the name of a network, 1 to 32 bytes',
        'Write ssid = "its name".',
      );
    if (passphrase !== null && !isPassphrase(passphrase))
      this.#complain(
        ['wifi', 'passphrase'],
        'must be 8 to 63 letters, digits and signs',
        'Write the passphrase in quotes; leave the line away for an open network.',
      );
    if (typeof hidden !== 'boolean')
      this.#complain(['wifi', 'hidden'], 'must be true or false', 'Write it without quotes.');
    if (this.#problems.length > before) return null;
    if (passphrase !== null && passphrase !== '') this.#used.push(['wifi', 'passphrase']);
    return { ssid: String(ssid), passphrase: passphrase as string | null, hidden: hidden === true };
  }

  #outputs(value: unknown): BootOutput[] {
    const listed = Array.isArray(value) ? value : [];
    if (listed.length === 0 || !this.#places.some(({ path }) => path[0] === 'output')) {
      this.#complain(
        ['output'],
        'must be tables of their own',
        'Write [[output]], then name = "…" and url = "…".',
      );
      return [];
    }
    return listed.flatMap((each, index) => this.#output(each, ['output', String(index)]) ?? []);
  }

  /** Null for one that is blanked as a whole, or wrong. */
  #output(value: unknown, at: string[]): BootOutput | null {
    if (!isTable(value)) return null;
    const known = ['name', 'url', 'key', 'enabled'];
    for (const name of Object.keys(value))
      if (!known.includes(name)) this.#unknown([...at, name], 'name, url, key and enabled');
    const { name, url, key = null, enabled = true } = value;
    const before = this.#problems.length;
    if (typeof name !== 'string' || name.trim() === '' || name.length > 64)
      this.#complain([...at, 'name'], 'must be a name of 1 to 64 characters', 'Write name = "its name".');
    if (typeof enabled !== 'boolean')
      this.#complain([...at, 'enabled'], 'must be true or false', 'Write it without quotes.');
    if (key !== null && typeof key !== 'string')
      this.#complain([...at, 'key'], 'must be text', 'Write the key in quotes.');
    if (typeof url !== 'string') this.#complain([...at, 'url'], 'must be an address', 'Write it in quotes.');
    if (this.#problems.length > before || url === '') return null;
    try {
      // A key that was blanked is known already: any will do for the check.
      const { url: shown } = parseDestination(
        String(url),
        key === '' ? 'blank-until-known' : (key as string | null),
      );
      if (shown !== String(url).trim() && key === null) this.#used.push([...at, 'url']);
    } catch (error) {
      const action = error instanceof OnairError ? (error.action ?? '') : '';
      this.#complain([...at, 'url'], 'is not the address of a destination', action);
      return null;
    }
    if (key !== null && key !== '') this.#used.push([...at, 'key']);
    return {
      name: String(name).trim(),
      url: String(url),
      key: key as string | null,
      enabled: enabled === true,
    };
  }

  #sshKeys(value: unknown): string[] {
    const { keys, wrong } = readSshKeys(value);
    if (wrong)
      this.#complain(
        ['ssh_key'],
        'is not a public key',
        'Copy the one line of ~/.ssh/id_ed25519.pub, in quotes.',
      );
    return keys;
  }

  #unknown(path: string[], known: string): void {
    this.#complain(path, 'is not known here', `Known are ${known}.`);
  }

  #complain(path: string[], what: string, action: string): void {
    const key = path.join('.');
    const place =
      this.#places.find(({ path: at }) => at.join('.') === key) ??
      this.#places.find(({ path: at }) => at.join('.').startsWith(`${key}.`));
    this.#problems.push({ line: place?.line ?? null, key, message: `${key} ${what}.`, action });
  }

  #blanked(): string {
    const used = new Set(this.#used.map((path) => path.join('.')));
    return this.#places
      .filter(({ path }) => used.has(path.join('.')))
      .sort((one, other) => other.start - one.start)
      .reduce((text, { start, end }) => {
        const blank = '""'.padEnd(Buffer.byteLength(text.slice(start, end)));
        return `${text.slice(0, start)}${blank}${text.slice(end)}`;
      }, this.#text);
  }
}

function notToml(error: unknown): BootProblem {
  const line = error instanceof TomlError ? error.line : null;
  const [what = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return {
    line,
    key: null,
    message: `${what.replace(/^Invalid TOML document: /, '').replace(/\.?$/, '.')} Nothing of the file was used.`,
    action:
      line === null
        ? 'Write the file again.'
        : `Correct line ${line}: a value is a number, true, false, or text in quotes.`,
  };
}

/** As people write them. */
function tidied(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (key === 'country') return value.toUpperCase();
  return key === 'hostname' ? value.toLowerCase().replace(/\.local$/, '') : value;
}

/** WPA: 8 to 63 printable ASCII characters, or the key itself in 64 hexadecimal digits; blank is what is known. */
function isPassphrase(value: unknown): boolean {
  return typeof value === 'string' && (value === '' || /^([ -~]{8,63}|[\dA-Fa-f]{64})$/.test(value));
}

/** A date of TOML's is an object, too. */
function isTable(value: unknown): value is JsonObject {
  return isObject(value) && !(value instanceof Date);
}

function writeAt(target: JsonObject, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = target[first];
  const table = isTable(inner) ? inner : {};
  target[first] = table;
  writeAt(table, rest, value);
}
