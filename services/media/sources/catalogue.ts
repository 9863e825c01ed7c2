import type { OfferedControl } from '#core/domain/camera.ts';
import { type MicrophoneEntry, type SourceEntry, withoutSecrets } from '#core/domain/media.ts';
import { ReasonError } from '../reason-error.ts';
import type { CameraDescription } from './camera-description.ts';
import type { CameraAddress, SourceAddress } from './contract.ts';
import { cameraName, csiSensor, hasLibcamera, microphones, videoNodes } from './devices.ts';
import type { Machine } from './machine.ts';
import { resolvePictures, sourceName } from './resolve.ts';
import { virtualControls } from './virtual-camera.ts';

/** A source that can be taken: what people see of it, and the setting that means it. */
export interface CatalogueEntry extends Pick<SourceEntry, 'id' | 'name' | 'kind' | 'modes'> {
  setting: string;
  /** What can be set of it; null where that is nothing. */
  controls: OfferedControl[] | null;
}

const published: CatalogueEntry[] = [
  { id: 'rtmp', name: 'RTMP', kind: 'rtmp', modes: null, setting: 'rtmp', controls: null },
  { id: 'srt', name: 'SRT', kind: 'srt', modes: null, setting: 'srt', controls: null },
  { id: 'whip', name: 'WHIP', kind: 'whip', modes: null, setting: 'whip', controls: null },
];

/** A camera that does not say what it offers is asked so often. */
const mostQuestions = 3;

interface Deps {
  machine: Machine;
  describe: (camera: CameraAddress) => Promise<CameraDescription | null>;
  onDescribed: () => void;
}

/** What can be on the air: cameras that are there, the test picture, what others publish, and what settings name. */
export class Catalogue {
  readonly #deps: Deps;
  #cameras: CatalogueEntry[] = [];
  #named: CatalogueEntry[] = [];
  #microphones: MicrophoneEntry[] = [];
  /** By the setting of a camera that is plugged in: what it offers, null while that is not known. */
  readonly #described = new Map<string, { found: CameraDescription | null }>();

  /** @param deps.describe asks a camera what it offers */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get entries(): CatalogueEntry[] {
    const test: CatalogueEntry = {
      id: 'test',
      name: 'Test picture',
      kind: 'test',
      modes: null,
      setting: 'test',
      controls: virtualControls,
    };
    const cameras = this.#cameras.map((camera) => {
      const found = this.#described.get(camera.setting)?.found;
      const [modes, controls] = [found?.modes ?? [], found?.controls ?? []];
      return {
        ...camera,
        modes: modes.length > 0 ? modes : null,
        controls: controls.length > 0 ? controls : null,
      };
    });
    return [...cameras, ...this.#named, test, ...published];
  }

  get microphones(): readonly MicrophoneEntry[] {
    return this.#microphones;
  }

  /** Looks for cameras and microphones. @returns whether they are others than before */
  async look(): Promise<boolean> {
    const before = JSON.stringify([this.#cameras, this.#microphones]);
    this.#cameras = await this.#findCameras();
    this.#describeNew();
    this.#microphones = await microphones(this.#deps.machine);
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
    return resolvePictures(setting, this.#deps.machine);
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

  /** One that is plugged in again may be another one. */
  #describeNew(): void {
    const settings = this.#cameras.map(({ setting }) => setting);
    for (const setting of this.#described.keys())
      if (!settings.includes(setting)) this.#described.delete(setting);
    for (const setting of settings) if (!this.#described.has(setting)) void this.#ask(setting, 1);
  }

  /** Just plugged in, it may not be ready yet. */
  async #ask(setting: string, asked: number): Promise<void> {
    const entry = { found: null };
    this.#described.set(setting, entry);
    const camera: CameraAddress = setting.startsWith('v4l2:')
      ? { kind: 'v4l2', device: setting.slice('v4l2:'.length) }
      : { kind: 'csi' };
    const found = await this.#deps.describe(camera);
    if (this.#described.get(setting) !== entry) return;
    if (found === null && asked < mostQuestions) {
      await this.#ask(setting, asked + 1);
      return;
    }
    this.#described.set(setting, { found });
    this.#deps.onDescribed();
  }

  async #findCameras(): Promise<CatalogueEntry[]> {
    const cameras: CatalogueEntry[] = [];
    const add = (name: string, kind: 'csi' | 'v4l2', setting: string) => {
      const slug = slugOf(name, kind);
      const same = cameras.filter(({ id }) => id === slug || id.startsWith(`${slug}-`)).length;
      cameras.push({
        id: same === 0 ? slug : `${slug}-${same + 1}`,
        name,
        kind,
        modes: null,
        setting,
        controls: null,
      });
    };
    const sensor = await csiSensor(this.#deps.machine);
    if (sensor !== null && (await hasLibcamera(this.#deps.machine)))
      add(sensor.split(' ')[0] ?? sensor, 'csi', 'csi');
    for (const node of await videoNodes(this.#deps.machine)) {
      if (node.capture !== false)
        add(await cameraName(this.#deps.machine, node), 'v4l2', `v4l2:${node.path}`);
    }
    return cameras;
  }
}

function namedEntry(setting: string): CatalogueEntry | null {
  if (setting.startsWith('file:')) {
    const name = setting.slice(setting.lastIndexOf('/') + 1).replace(/^file:/, '');
    return { id: 'file', name, kind: 'file', modes: null, setting, controls: null };
  }
  if (/^rtsps?:/.test(setting))
    return { id: 'rtsp', name: withoutSecrets(setting), kind: 'rtsp', modes: null, setting, controls: null };
  if (setting.startsWith('srt://'))
    return {
      id: 'srt-caller',
      name: withoutSecrets(setting),
      kind: 'srt',
      modes: null,
      setting,
      controls: null,
    };
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
