import { EventHub } from '#core/domain/event-hub.ts';
import type { MediaRequest } from '#core/domain/media.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { MediaBus } from '#media/bus/media-bus.ts';
import { BusTimeline } from '#media/bus/timeline.ts';
import type { Child, ChildEvents } from '#media/child-process.ts';
import {
  type AirPlan,
  type PipelinePlan,
  slateId,
  type ToPipeline,
  videoDescriptor,
} from '#media/encoder/plan.ts';
import type { MediaState } from '#media/link-payloads.ts';
import type { SourcePlan, ToSource } from '#media/sources/contract.ts';
import { Machine } from '#media/sources/machine.ts';
import { Supervisor } from '#media/supervisor.ts';
import { mediaRequest } from './media-daemon.ts';

/** One GDP packet: caps (type 2) or a frame (type 1). */
function packet(type: number, payload: Buffer, pts = 0n, flags = 0): Buffer {
  const header = Buffer.alloc(62);
  header[0] = 1;
  header.writeUInt16BE(type, 4);
  header.writeUInt32BE(payload.length, 6);
  header.writeBigUInt64BE(pts, 10);
  header.writeUInt16BE(flags, 42);
  return Buffer.concat([header, payload]);
}
const caps = packet(
  2,
  Buffer.from('video/x-h264, codec_data=(buffer)0142c01fffe100, width=(int)640, height=(int)360'),
);

/** Plays the part of an encoder process; a test's script says how it behaves. */
export class FakeEncoder implements Child<'encoder'> {
  readonly events = new EventHub<ChildEvents<'encoder'>>();
  readonly pid = 4711;
  readonly heard: ToPipeline[] = [];
  closed = false;
  showing: string | null = null;
  readonly #script: Script;
  readonly #fresh: () => ReadonlySet<string>;

  constructor(script: Script, fresh: () => ReadonlySet<string>) {
    this.#script = script;
    this.#fresh = fresh;
  }

  send(message: ToPipeline): void {
    this.heard.push(message);
    setImmediate(() => {
      if (!this.closed) this.#script(this, message);
    });
  }

  close(): void {
    this.closed = true;
    this.events.close();
  }

  get plan(): PipelinePlan | null {
    const prepare = this.heard.find((message) => message.type === 'prepare');
    return prepare?.type === 'prepare' ? prepare.plan : null;
  }

  get air(): AirPlan | null {
    const air = this.heard.findLast((message) => message.type === 'air');
    return air?.type === 'air' ? air.air : null;
  }

  /** Shows what the air plan and the sources that deliver come to. */
  look(): void {
    const fresh = this.#fresh();
    const next = this.air?.order.find(({ id }) => fresh.has(id))?.id;
    const slate = this.showing !== null || this.air?.slateAfterMs === 0;
    const shown = next ?? (slate ? slateId : null);
    if (shown === null || shown === this.showing || this.closed) return;
    const first = this.showing === null;
    this.showing = shown;
    this.events.emit('message', { type: 'showing', id: shown });
    if (first) this.frame();
  }

  /** The second picture is so late that sound is not waited for any longer. */
  frame(): void {
    const pictures = [33_333_333n, 1_200_000_000n].map((pts) => packet(1, Buffer.from('frame'), pts, 0));
    this.events.emit('bytes', { descriptor: videoDescriptor, bytes: Buffer.concat([caps, ...pictures]) });
  }
}
export type Script = (child: FakeEncoder, message: ToPipeline) => void;

/** Plays the part of a source process, which delivers from the moment it is started, unless a test says otherwise. */
export class FakeSource implements Child<'source'> {
  readonly events = new EventHub<ChildEvents<'source'>>();
  readonly pid = 4712;
  plan: SourcePlan | null = null;
  closed = false;
  readonly #start: (source: FakeSource) => void;

  constructor(start: (source: FakeSource) => void) {
    this.#start = start;
  }

  send(message: ToSource): void {
    if (message.type !== 'start') return;
    this.plan = message.plan;
    setImmediate(() => {
      if (!this.closed) this.#start(this);
    });
  }

  close(): void {
    this.closed = true;
    this.events.close();
  }

  play(): void {
    const { width, height, framesPerSecond } = this.plan?.video ?? {
      width: 2,
      height: 2,
      framesPerSecond: 1,
    };
    const video = { width, height, framesPerSecond };
    this.events.emit('message', { type: 'state', state: 'playing', video, sound: false, reason: null });
  }

  wait(): void {
    this.events.emit('message', { type: 'state', state: 'waiting', video: null, sound: false, reason: null });
  }
}

export const prepared = { type: 'prepared', standIn: null, liveBitrate: true } as const;

/** Prepares, plays and shows what there is. */
export const well: Script = (child, { type }) => {
  if (type === 'prepare') child.events.emit('message', prepared);
  if (type === 'air') child.look();
};
export const failing =
  (element: string, message: string): Script =>
  (child, { type }) => {
    if (type === 'prepare') child.events.emit('message', prepared);
    if (type === 'play') child.events.emit('gstreamerError', { element, message });
  };

interface Scene {
  encoders?: Script[];
  /** What a source does once it is started. */
  source?: (source: FakeSource) => void;
  root?: string;
}

/** A supervisor whose encoders follow these scripts in turn, the last one again and again. */
export async function supervise(t: { teardown(end: () => void): void }, scene: Scene = {}) {
  const { encoders: scripts = [well], source: start = (source) => source.play(), root = '/nowhere' } = scene;
  const encoders: FakeEncoder[] = [];
  const sources: FakeSource[] = [];
  const states: MediaState[] = [];
  const logger = createLogger('media', 'silent');
  const delivering = () =>
    new Set(sources.filter((each) => !each.closed && playing.has(each)).map(({ plan }) => plan?.id ?? ''));
  const playing = new Set<FakeSource>();
  const bus = new MediaBus({ socketPath: '/nowhere/media.sock', onKeyFrameWanted: () => {}, logger });
  const supervisor = new Supervisor({
    encoders: {
      take() {
        const script = scripts[Math.min(encoders.length, scripts.length - 1)] ?? well;
        const child = new FakeEncoder(script, delivering);
        encoders.push(child);
        return child;
      },
    },
    newPreview: () => {
      throw new Error('nobody looks at a source here');
    },
    sources: {
      take() {
        const child = new FakeSource(start);
        child.events.on('message', (message) => {
          if (message.type === 'state' && message.state === 'playing') playing.add(child);
        });
        sources.push(child);
        return child;
      },
    },
    machine: new Machine({ root }),
    output: { bus, timeline: new BusTimeline() },
    logger,
  });
  supervisor.events.on('state', (state) => states.push(state));
  t.teardown(() => supervisor.close());
  const reached = (fits: (state: MediaState) => boolean, from = 0) =>
    new Promise<MediaState>((resolve) => {
      const old = states.slice(from).find(fits);
      if (old) return resolve(old);
      const listener = (state: MediaState) => {
        if (!fits(state)) return;
        stopListening();
        resolve(state);
      };
      const stopListening = supervisor.events.on('state', listener);
    });
  /** The source of this id that runs now. */
  const source = (id: string) => sources.findLast(({ plan, closed }) => plan?.id === id && !closed);
  /** It hangs: the encoder sees no pictures of it. */
  const hang = (id: string) => {
    const child = source(id);
    if (child) playing.delete(child);
    const encoder = encoders.at(-1);
    encoder?.look();
    encoder?.events.emit('message', { type: 'fresh', id, fresh: false });
  };
  return { supervisor, encoders, sources, states, reached, source, hang };
}

export const request = (video: Partial<MediaRequest['video']> = {}) =>
  mediaRequest({ video, audio: { source: 'none' } });
export const isRunning = ({ state }: MediaState) => state === 'running';

export const isSlate = ({ state, slate }: MediaState) => state === 'retrying' && slate === true;
