import type { GStreamer, GstAppSink } from '../gstreamer.ts';
import { sourceElements } from './picture-text.ts';

/** How a clip's colours have to be read to come out as BT.709 limited range. */
export interface ClipColours {
  /** GStreamer's `range:matrix:transfer:primaries`, where the clip's own is incomplete or not understood; else null. */
  override: string | null;
  /** Full range: GStreamer 1.22 takes I420 of another range for the same, unless another format lies between. */
  full: boolean;
  /** BT.2020's primaries: converted in linear light. */
  wide: boolean;
  /** SMPTE ST 2084: brightness in nits, to be brought down to what a screen shows. */
  pq: boolean;
}

export const plainColours: ClipColours = { override: null, full: false, wide: false, pq: false };

/** A clip delivers its first picture within this time, or is read as if its colours were plain. */
const probeDeadlineMs = 2_000;
const names: Record<string, string> = {
  bt601: '2:4:16:4',
  bt709: '2:3:5:1',
  smpte240m: '2:5:6:5',
  sRGB: '1:1:7:1',
  bt2020: '2:6:11:7',
  'bt2020-10': '2:6:13:7',
  'bt2100-pq': '2:6:14:7',
  'bt2100-hlg': '2:6:15:7',
};
const transfer = { bt2020: 13, pq: 14, hlg: 15 } as const;
const matrix = { unknown: 0, rgb: 1, bt709: 3, bt601: 4, bt2020: 6 } as const;
const bt2020Primaries = 7;

/** @param colorimetry of the decoded pictures' caps @param height decides where the matrix is not said: HD is BT.709 */
export function coloursOf(colorimetry: string, height: number): ClipColours {
  const parts = (names[colorimetry] ?? colorimetry).split(':').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) return plainColours;
  const [range = 0, ownMatrix = 0, ownTransfer = 0, primaries = 0] = parts;
  if (ownMatrix === matrix.rgb) return plainColours;
  const full = range === 1;
  const pq = ownTransfer === transfer.pq;
  const wide = pq || ownTransfer === transfer.hlg || primaries === bt2020Primaries;
  if (wide) {
    // HLG is made to be read as SDR of the same primaries; PQ is brought down afterwards.
    const override = `${range === 0 ? 2 : range}:${matrix.bt2020}:${transfer.bt2020}:${bt2020Primaries}`;
    return { override, full, wide, pq };
  }
  if (ownMatrix !== matrix.unknown) return { override: null, full, wide: false, pq: false };
  const guessed = height >= 720 ? matrix.bt709 : matrix.bt601;
  return { override: `${range === 0 ? 2 : range}:${guessed}:5:1`, full, wide: false, pq: false };
}

/** The elements that come before the conversion, and the conversion itself. */
export function colourText({ override, full, wide }: ClipColours): string[] {
  return [
    ...(override === null ? [] : [`capssetter caps="video/x-raw,colorimetry=(string)${override}"`]),
    `videoconvert${wide ? ' primaries-mode=fast gamma-mode=remap' : ''}`,
    ...(full ? ['video/x-raw,format=I420_10LE,colorimetry=bt709', 'videoconvert'] : []),
  ];
}

/** Decodes a clip's first picture to see what its colours are. Where it has none, or they are not said, they are plain. */
export async function probeColours(gstreamer: GStreamer, path: string): Promise<ClipColours> {
  const pipeline = new gstreamer.Pipeline(
    'filesrc name=clip ! decodebin ! video/x-raw ! appsink name=clip-pictures sync=false async=false max-buffers=1',
  );
  const clip = pipeline.findChild(sourceElements.clip);
  if (clip) clip.location = path;
  const sink = pipeline.findChild(sourceElements.clipPictures) as GstAppSink;
  pipeline.play();
  const caps = await new Promise<Record<string, unknown> | null>((resolve) => {
    const deadline = setTimeout(() => resolve(null), probeDeadlineMs);
    sink.pull((bytes, found) => {
      clearTimeout(deadline);
      resolve(bytes === null ? null : (found ?? null));
    });
  });
  pipeline.stop();
  if (typeof caps?.colorimetry !== 'string') return plainColours;
  return coloursOf(caps.colorimetry, Number(caps.height) || 0);
}

/** Up to here a picture in nits stays as it is (BT.2408: 203 nits is white); above it is rolled off. */
const kneeOfWhite = 0.8;
const whiteNits = 203;

/** SMPTE ST 2084, 5.1: the signal, 0 to 1, to nits. */
function pqNits(signal: number): number {
  const root = signal ** (1 / 78.84375);
  return 10_000 * (Math.max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125);
}

/** BT.709's transfer function. */
function encode709(light: number): number {
  return light < 0.018 ? 4.5 * light : 1.099 * light ** 0.45 - 0.099;
}

const lumaCurve = Uint8Array.from({ length: 256 }, (_, luma) => {
  const white = pqNits(Math.max(0, Math.min(1, (luma - 16) / 219))) / whiteNits;
  const over = white - kneeOfWhite;
  const shown = over <= 0 ? white : kneeOfWhite + (1 - kneeOfWhite) * (1 - Math.exp(-over / 0.6));
  return Math.round(16 + 219 * encode709(shown));
});
/** Colours grow as brightness does. */
const chromaGain = Float32Array.from({ length: 256 }, (_, luma) =>
  luma <= 17 ? 1 : Math.min(3, ((lumaCurve[luma] ?? 16) - 16) / (luma - 16)),
);

/** Brings an I420 picture whose signal is PQ down to what a screen shows, in place. Rows are padded to 4 bytes. */
export function showPq(bytes: Buffer, width: number, height: number): void {
  const stride = (width + 3) & ~3;
  const chromaStride = (width / 2 + 3) & ~3;
  const uStart = stride * height;
  const vStart = uStart + (chromaStride * height) / 2;
  for (let row = 0; row < height / 2; row += 1) {
    for (let column = 0; column < width / 2; column += 1) {
      const gain = chromaGain[bytes[row * 2 * stride + column * 2] ?? 0] ?? 1;
      const at = row * chromaStride + column;
      for (const start of [uStart, vStart]) {
        const value = 128 + ((bytes[start + at] ?? 128) - 128) * gain;
        bytes[start + at] = value < 16 ? 16 : value > 240 ? 240 : value;
      }
    }
  }
  for (let at = 0; at < uStart; at += 1) bytes[at] = lumaCurve[bytes[at] ?? 0] ?? 16;
}
