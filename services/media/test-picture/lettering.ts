/**
 * A stroke font for the pictures that Onair makes itself: each glyph is a few lines on a grid 4 wide and 6 high ("xy xy xy",
 * strokes parted by "/"), drawn with round caps at any size without an outline font on the machine.
 */
const strokes: Record<string, string> = {
  '0': '10 30 41 45 36 16 05 01 10',
  '1': '11 20 26/16 36',
  '2': '01 10 30 41 42 06 46',
  '3': '01 10 30 41 42 33 44 45 36 16 05/33 23',
  '4': '36 30 04 44',
  '5': '40 00 02 32 43 45 36 16 05',
  '6': '41 30 10 01 05 16 36 45 44 33 13 04',
  '7': '00 40 16',
  '8': '10 30 41 42 33 13 02 01 10/13 04 05 16 36 45 44 33',
  '9': '05 16 36 45 41 30 10 01 02 13 33 42',
  ':': '21 21/25 25',
  '.': '26 26',
  '-': '13 33',
  ',': '26 17',
  "'": '20 21',
  '!': '20 24/26 26',
  '?': '01 10 30 41 42 23 24/26 26',
  '/': '06 40',
  _: '06 46',
  '+': '21 25/03 43',
  '&': '46 12 11 20 31 32 04 05 16 26 44',
  '(': '30 11 15 36',
  ')': '10 31 35 16',
  A: '06 02 20 42 46/04 44',
  B: '03 00 30 41 42 33 03/33 44 45 36 06 03',
  C: '41 30 10 01 05 16 36 45',
  D: '00 30 41 45 36 06 00',
  E: '40 00 06 46/03 33',
  F: '40 00 06/03 33',
  G: '41 30 10 01 05 16 36 45 43 23',
  H: '00 06/40 46/03 43',
  I: '10 30/20 26/16 36',
  J: '40 45 36 16 05',
  K: '00 06/40 03 46',
  L: '00 06 46',
  M: '06 00 23 40 46',
  N: '06 00 46 40',
  O: '10 30 41 45 36 16 05 01 10',
  P: '06 00 30 41 42 33 03',
  Q: '10 30 41 45 36 16 05 01 10/34 46',
  R: '06 00 30 41 42 33 03/23 46',
  S: '41 30 10 01 02 13 33 44 45 36 16 05',
  T: '00 40/20 26',
  U: '00 05 16 36 45 40',
  V: '00 26 40',
  W: '00 16 23 36 40',
  X: '00 46/40 06',
  Y: '00 23 40/23 26',
  Z: '00 40 06 46',
  Ä: '06 04 23 44 46/05 45/10 10/30 30',
  Ö: '12 32 43 45 36 16 05 03 12/10 10/30 30',
  Ü: '02 05 16 36 45 42/10 10/30 30',
};

/** The characters of a text that can be drawn: capitals, without accents that are not here. */
export function drawable(text: string): string {
  const plain = [...text.toUpperCase()].map((character) =>
    character in strokes ? character : character.normalize('NFD').replace(/\p{M}/gu, ''),
  );
  return [...plain.join('')]
    .filter((character) => character === ' ' || character in strokes)
    .join('')
    .trim();
}

/** Coverage of one character cell, 0 to 255 a pixel. */
export interface Glyph {
  width: number;
  height: number;
  coverage: Uint8Array;
}

interface Line {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

function linesOf(character: string): Line[] {
  const lines: Line[] = [];
  for (const stroke of (strokes[character] ?? '').split('/')) {
    const points = stroke.split(' ').filter((point) => point.length === 2);
    for (let at = 1; at < points.length; at += 1) {
      const from = points[at - 1] ?? '00';
      const to = points[at] ?? '00';
      lines.push({ x0: Number(from[0]), y0: Number(from[1]), x1: Number(to[0]), y1: Number(to[1]) });
    }
  }
  return lines;
}

function distance(line: Line, x: number, y: number): number {
  const dx = line.x1 - line.x0;
  const dy = line.y1 - line.y0;
  const lengthSquared = dx * dx + dy * dy;
  const along = lengthSquared === 0 ? 0 : ((x - line.x0) * dx + (y - line.y0) * dy) / lengthSquared;
  const nearest = Math.max(0, Math.min(1, along));
  return Math.hypot(x - line.x0 - nearest * dx, y - line.y0 - nearest * dy);
}

/** Draws one character into a cell of this size in pixels; an unknown one is blank. */
export function drawGlyph(character: string, width: number, height: number): Glyph {
  const coverage = new Uint8Array(width * height);
  const unit = Math.min(width / 5.6, height / 7.6);
  const left = (width - 4 * unit) / 2;
  const top = (height - 6 * unit) / 2;
  const radius = 0.42;
  for (const line of linesOf(character)) {
    const x0 = Math.max(0, Math.floor(left + (Math.min(line.x0, line.x1) - 1) * unit));
    const x1 = Math.min(width, Math.ceil(left + (Math.max(line.x0, line.x1) + 1) * unit));
    const y0 = Math.max(0, Math.floor(top + (Math.min(line.y0, line.y1) - 1) * unit));
    const y1 = Math.min(height, Math.ceil(top + (Math.max(line.y0, line.y1) + 1) * unit));
    for (let y = y0; y < y1; y += 1) {
      for (let x = x0; x < x1; x += 1) {
        const away = distance(line, (x + 0.5 - left) / unit, (y + 0.5 - top) / unit);
        const covered = Math.max(0, Math.min(1, (radius - away) * unit + 0.5)) * 255;
        const at = y * width + x;
        if (covered > (coverage[at] ?? 0)) coverage[at] = covered;
      }
    }
  }
  return { width, height, coverage };
}
