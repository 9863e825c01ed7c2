import type { Overlay } from '#core/domain/overlay.ts';
import type { Problem } from '#core/domain/problem.ts';
import { monotonicMs } from '#core/runtime/monotonic.ts';
import { type GStreamer, type GstAppSink, type GstAppSource, loadGStreamer } from '../gstreamer.ts';
import { ReasonError } from '../reason-error.ts';
import type { Source, SourceContext } from './contract.ts';
import { i420Bytes } from './frame-file.ts';
import { type Logo, readLogo } from './logo-file.ts';
import { layOut, type OverlayPart, type OverlayTile } from './overlay-drawing.ts';
import { type DrawnTile, OverlayPicture } from './overlay-picture.ts';
import { chain } from './picture-text.ts';

/** The text that draws; documents come as data. librsvg sets letters of any writing that a font here has. */
export function overlayText(): string {
  return chain(
    'appsrc name=documents format=time max-bytes=0 caps=image/svg+xml',
    'rsvgdec',
    'video/x-raw,format=BGRA',
    'appsink name=drawn sync=false async=false max-buffers=2',
  );
}

/** Draws SVG documents, one after another. */
class Drawing {
  readonly #documents: GstAppSource;
  readonly #drawn: GstAppSink;
  readonly #pts = Buffer.alloc(8);
  #count = 0n;

  constructor(gstreamer: GStreamer) {
    const pipeline = new gstreamer.Pipeline(overlayText());
    this.#documents = pipeline.findChild('documents') as GstAppSource;
    this.#drawn = pipeline.findChild('drawn') as GstAppSink;
    pipeline.play();
  }

  /** @throws ReasonError */
  async draw(tile: OverlayTile): Promise<DrawnTile> {
    this.#pts.writeBigUInt64BE(this.#count * 1_000_000_000n);
    this.#count += 1n;
    this.#documents.push(Buffer.from(tile.svg), this.#pts);
    const bgra = await new Promise<Buffer | null>((resolve) => this.#drawn.pull(resolve));
    if (bgra?.length !== tile.width * tile.height * 4)
      throw ReasonError.of('overlay-failed', 'its drawing has another size');
    return { ...tile, bgra };
  }
}

/** Media waits for several of these. */
const aliveIntervalMs = 1_000;

const clockText = (time: Date): string =>
  [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((value) => String(value).padStart(2, '0'))
    .join(':');

/** Clock, text and logo over the pictures: drawn when they change, the clock at each full second. */
export function openOverlay(context: SourceContext, first: Overlay): Source {
  const size = { width: context.plan.video.width, height: context.plan.video.height / 2 };
  const picture = new OverlayPicture(size.width, size.height, i420Bytes(size.width, size.height * 2));
  const drawing = new Drawing(loadGStreamer());
  let wanted = first;
  let shown = '';
  let logo: { path: string; read: Logo | null; reason: Problem | null } | null = null;
  /** What stays from second to second. */
  let still: DrawnTile[] = [];
  let last: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  async function readLogoOf(path: string): Promise<void> {
    try {
      logo = { path, read: await readLogo(path), reason: null };
    } catch (error) {
      if (!(error instanceof ReasonError)) throw error;
      logo = { path, read: null, reason: error.reason };
    }
  }

  async function show(): Promise<void> {
    const overlay = wanted;
    const key = JSON.stringify(overlay);
    const path = overlay.logo?.path.replace(/^file:/, '') ?? null;
    if (path === null) logo = null;
    else if (key !== shown) await readLogoOf(path);
    const parts: OverlayPart[] = [];
    if (overlay.logo && logo?.read) parts.push({ kind: 'logo', ...logo.read, place: overlay.logo.place });
    if (overlay.text) parts.push({ kind: 'text', ...overlay.text });
    const clockAt = parts.length;
    if (overlay.clock) parts.push({ kind: 'text', text: clockText(new Date()), place: overlay.clock.place });
    const tiles = layOut(parts, size);
    if (key !== shown) {
      still = [];
      for (const tile of tiles.slice(0, clockAt)) still.push(await drawing.draw(tile));
    }
    const clock = tiles[clockAt];
    const drawn = clock ? [...still, await drawing.draw(clock)] : still;
    context.picture(picture.compose(drawn), monotonicMs());
    if (key === shown) return;
    shown = key;
    const { width, height } = size;
    const video = { width, height, framesPerSecond: 1 };
    context.state({ state: 'playing', video, sound: false, reason: logo?.reason ?? null });
  }

  /** One drawing at a time; the next second's is due a moment after it began. */
  function refresh(): void {
    if (timer) clearTimeout(timer);
    timer = wanted.clock ? setTimeout(refresh, 1_000 - (Date.now() % 1_000) + 1) : null;
    last = last.then(show).catch((error: unknown) => {
      const reason =
        error instanceof ReasonError ? error.reason : ReasonError.of('overlay-failed', String(error)).reason;
      context.state({ state: 'failed', video: null, sound: false, reason });
    });
  }

  return {
    async start() {
      refresh();
      setInterval(() => context.alive(), aliveIntervalMs);
    },
    setOverlay(overlay) {
      if (JSON.stringify(overlay) === JSON.stringify(wanted)) return;
      wanted = overlay;
      refresh();
    },
  };
}
