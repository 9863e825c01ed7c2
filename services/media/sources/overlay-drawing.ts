import type { OverlayPlace } from '#core/domain/overlay-places.ts';

/** A part of the overlay as an SVG document of its own, and where it stands in the picture. */
export interface OverlayTile {
  svg: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Size {
  width: number;
  height: number;
}

const even = (value: number): number => Math.max(2, Math.round(value / 2) * 2);
/** Of the picture's height. */
const lineOf = 0.075;
const logoOf = 0.16;
const marginOf = 0.035;
/** Of the line's height; the rest is room for what goes below the base line. */
const letterOf = 0.68;
/** The width of a wide letter, in its height: the text is made smaller where the line would not hold it. */
const letterWidth = 0.68;

/** What the overlay's parts look like, by their heights in the picture. */
export type OverlayPart =
  | { kind: 'text'; text: string; place: OverlayPlace }
  /** @param href a `data:` URL: nothing is read from outside the document */
  | { kind: 'logo'; href: string; shape: Size; place: OverlayPlace };

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] ?? '');

/** Puts the parts into the picture: what shares a place stands one below the other, in the order given. */
export function layOut(parts: readonly OverlayPart[], picture: Size): OverlayTile[] {
  const margin = even(picture.height * marginOf);
  const sizes = parts.map((part) => sizeOf(part, picture, margin));
  const taken = new Map<OverlayPlace, number>();
  const total = new Map<OverlayPlace, number>();
  parts.forEach(({ place }, at) => {
    total.set(place, (total.get(place) ?? 0) + (sizes[at]?.height ?? 0));
  });
  return parts.map((part, at) => {
    const size = sizes[at] ?? { width: 2, height: 2 };
    const above = taken.get(part.place) ?? 0;
    taken.set(part.place, above + size.height);
    const top = part.place.startsWith('top')
      ? margin
      : picture.height - margin - (total.get(part.place) ?? 0);
    const x = leftOf(part.place, size, picture, margin);
    return { svg: svgOf(part, size), x, y: Math.max(0, even(top + above)), ...size };
  });
}

function sizeOf(part: OverlayPart, picture: Size, margin: number): Size {
  const widest = picture.width - 2 * margin;
  if (part.kind === 'text') return { width: even(widest - 2), height: even(picture.height * lineOf) };
  const scale = Math.min((picture.height * logoOf) / part.shape.height, widest / 3 / part.shape.width);
  return { width: even(part.shape.width * scale), height: even(part.shape.height * scale) };
}

function leftOf(place: OverlayPlace, size: Size, picture: Size, margin: number): number {
  if (place.endsWith('left')) return margin;
  const room = picture.width - size.width;
  return Math.max(0, even(place.endsWith('right') ? room - margin : room / 2));
}

function svgOf(part: OverlayPart, { width, height }: Size): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}">`;
  if (part.kind === 'logo')
    return `${head}<image width="${width}" height="${height}" xlink:href="${part.href}"/></svg>`;
  const letters = Math.max(1, [...part.text].length);
  const size = Math.min(height * letterOf, width / (letters * letterWidth));
  const outline = size * 0.14;
  const [anchor, x] = part.place.endsWith('left')
    ? ['start', outline]
    : part.place.endsWith('right')
      ? ['end', width - outline]
      : ['middle', width / 2];
  const text = (paint: string) =>
    `<text x="${x.toFixed(1)}" y="${(height * 0.74).toFixed(1)}" text-anchor="${anchor}" font-family="sans-serif" font-weight="bold" font-size="${size.toFixed(1)}" ${paint}>${escaped(part.text)}</text>`;
  // White with a dark edge: readable over any picture, without a box that hides it.
  const edge = `fill="#000" stroke="#000" stroke-width="${outline.toFixed(1)}" stroke-linejoin="round" opacity="0.75"`;
  return `${head}${text(edge)}${text('fill="#fff"')}</svg>`;
}
