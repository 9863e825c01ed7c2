import { type MicrophoneEntry, type SourceEntry, withoutSecrets } from '#core/domain/media.ts';
import { ReasonError } from '../reason-error.ts';
import type { SourceAddress } from './contract.ts';
import { cameraName, csiSensor, hasLibcamera, microphones, videoNodes } from './devices.ts';
import type { Machine } from './machine.ts';
import { resolvePictures, sourceName } from './resolve.ts';

/** A source that can be taken: what people see of it, and the setting that means it. */
export interface CatalogueEntry extends Pick<SourceEntry, 'id' | 'name' | 'kind' | 'modes'> {
  setting: string;
}

const published: CatalogueEntry[] = [
  { id: 'rtmp', name: 'RTMP', kind: 'rtmp', modes: null, setting: 'rtmp' },
  { id: 'srt', name: 'SRT', kind: 'srt', modes: null, setting: 'srt' },
  { id: 'whip', name: 'WHIP', kind: 'whip', modes: null, setting: 'whip' },
];

/** What can be on the air: cameras that are there, the test picture, what others publish, and what settings name. */
export class Catalogue {
  readonly #machine: Machine;
  #cameras: CatalogueEntry[] = [];
  #named: CatalogueEntry[] = [];
  #microphones: MicrophoneEntry[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get entries(): CatalogueEntry[] {
    const test: CatalogueEntry = {
      id: 'test',
      name: 'Test picture',
      kind: 'test',
      modes: null,
      setting: 'test',
    };
    return [...this.#cameras, ...this.#named, test, ...published];
  }

  get microphones(): readonly MicrophoneEntry[] {
    return this.#microphones;
  }

  /** Looks for cameras and microphones. @returns whether they are others than before */
  async look(): Promise<boolean> {
    const before = JSON.stringify([this.#cameras, this.#microphones]);
    this.#cameras = await this.#findCameras();
    this.#microphones = await microphones(this.#machine);
    return JSON.stringify([this.#cameras, this.#microphones]) !== before;
  }

  /** @param settings what `video.source` and `video.fallback` name: clips and addresses among them are listed */
  name(settings: readonly string[]): void {
    const named: CatalogueEntry[] = [];
    for (const setting of new Set(settings)) {
      const entry = namedEntry(setting);
      if (entry === null) continue;
      const taken = named.filter(({ kind }) => kind === entry.kind).length;
      named.push(taken === 0 ? entry : { ...entry, id: `${entry.id}-${taken + 1}` });
    }
    this.#named = named;
  }

  /** What a setting means now. @throws ReasonError */
  resolve(setting: string): Promise<SourceAddress> {
    return resolvePictures(setting, this.#machine);
  }

  /** The setting of a source by its id. @throws ReasonError where there is none */
  settingOf(id: string): string {
    const entry = this.entries.find((each) => each.id === id);
    if (!entry) throw ReasonError.of('source-unknown', id);
    return entry.setting;
  }

  /** The id under which people know a source that runs. @param address what it turned out to be; null where unknown */
  idOf(setting: string, address: SourceAddress | null): string | null {
    const name = address === null ? setting : sourceName(address);
    const find = (text: string) => this.entries.find((entry) => entry.setting === text)?.id;
    return find(setting) ?? find(name) ?? null;
  }

  async #findCameras(): Promise<CatalogueEntry[]> {
    const cameras: CatalogueEntry[] = [];
    const add = (name: string, kind: 'csi' | 'v4l2', setting: string) => {
      const slug = slugOf(name, kind);
      const same = cameras.filter(({ id }) => id === slug || id.startsWith(`${slug}-`)).length;
      cameras.push({ id: same === 0 ? slug : `${slug}-${same + 1}`, name, kind, modes: null, setting });
    };
    const sensor = await csiSensor(this.#machine);
    if (sensor !== null && (await hasLibcamera(this.#machine)))
      add(sensor.split(' ')[0] ?? sensor, 'csi', 'csi');
    for (const node of await videoNodes(this.#machine)) {
      if (node.capture !== false) add(await cameraName(this.#machine, node), 'v4l2', `v4l2:${node.path}`);
    }
    return cameras;
  }
}

function namedEntry(setting: string): CatalogueEntry | null {
  if (setting.startsWith('file:')) {
    const name = setting.slice(setting.lastIndexOf('/') + 1).replace(/^file:/, '');
    return { id: 'file', name, kind: 'file', modes: null, setting };
  }
  if (/^rtsps?:/.test(setting))
    return { id: 'rtsp', name: withoutSecrets(setting), kind: 'rtsp', modes: null, setting };
  if (setting.startsWith('srt://'))
    return { id: 'srt-caller', name: withoutSecrets(setting), kind: 'srt', modes: null, setting };
  return null;
}

/** Names that no camera may take from what is always there. */
const reserved = new Set(['test', 'rtmp', 'srt', 'whip', 'file', 'rtsp', 'srt-caller', 'slate']);

function slugOf(name: string, kind: string): string {
  const slug = name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return slug === '' || reserved.has(slug) ? `camera-${slug || kind}` : slug;
}
