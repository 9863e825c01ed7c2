import type { Canvas } from './canvas.ts';
import { drawGlyph, type Glyph } from './lettering.ts';

/** The grey of the panels that letters stand on. */
export const paper = 26;

/** A line of text of fixed length; only the characters that changed are drawn again. */
export class Line {
  readonly #glyphs = new Map<string, Glyph>();
  readonly #cell: { width: number; height: number };
  readonly #left: number;
  readonly #top: number;
  #shown = '';

  constructor(length: number, area: { x: number; y: number; width: number; height: number }) {
    const height = area.height;
    const width = Math.min(Math.floor(area.width / length), Math.round(height * 0.72));
    this.#cell = { width, height };
    this.#left = area.x + Math.floor((area.width - width * length) / 2);
    this.#top = area.y;
  }

  show(text: string, canvas: Canvas): void {
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at] ?? ' ';
      if (character === this.#shown[at]) continue;
      let glyph = this.#glyphs.get(character);
      if (!glyph) {
        glyph = drawGlyph(character, this.#cell.width, this.#cell.height);
        this.#glyphs.set(character, glyph);
      }
      canvas.letter(glyph, this.#left + at * this.#cell.width, this.#top, paper);
    }
    this.#shown = text;
  }
}
