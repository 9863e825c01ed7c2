// The drawings and the table of the manual's chapter on the lights, from the one table that the panel shows them by.

import { wordsFor } from '#cli/demo/pattern-words.ts';
import type { LightPattern } from '#core/hardware/light/light.ts';
import {
  type AsideRow,
  accessPoint,
  asides,
  lightTable,
  nobodyThere,
  nobodyThereMeaning,
  proofRow,
} from '#panel/light-table.ts';

interface Drawn {
  name: string;
  meaning: string;
  /** Null where it is whatever it was: a notice beside it. */
  red: LightPattern | null;
  green: LightPattern;
  one: LightPattern;
}

const shownMs = 9_000;
const pixelsPerSecond = 40;
const labelWidth = 76;
const trackHeight = 18;
const width = labelWidth + (shownMs / 1_000) * pixelsPerSecond;

/** What surrounds the table in docs/manual.md. */
export const lightsChapter = {
  begin: '<!-- The lights: written by make docs. -->',
  end: '<!-- End of the lights. -->',
};

const { proofAsked, ...others } = asides;
/** What a proof looks like, by a short one. */
const besides = { proofAsked, proof: proofRow({ row: 1, column: 2, digit: 1 }), ...others };

const drawn: Drawn[] = [
  ...Object.entries(lightTable).map(([name, row]) => ({ name, ...row })),
  ...Object.entries<AsideRow>(besides).map(([name, { meaning, green }]) => ({
    name,
    meaning,
    red: null,
    green,
    one: green,
  })),
  { name: 'access-point', ...accessPoint, red: null, one: accessPoint.green },
  { name: 'nobody', meaning: nobodyThereMeaning, red: nobodyThere, green: nobodyThere, one: nobodyThere },
];

/** The drawings, by their path in the checkout. */
export function lightDrawings(): Record<string, string> {
  return Object.fromEntries(drawn.map((one) => [`docs/images/lights/${one.name}.svg`, drawing(one)]));
}

/** The table in docs/manual.md. */
export function lightsTable(): string {
  const rows = drawn.map((one) => {
    const image = `<img src="images/lights/${one.name}.svg" width="${width}" alt="${words(one)}">`;
    return `| ${one.meaning} | ${image} |`;
  });
  return ['| it means | what the lights do, over nine seconds |', '|---|---|', ...rows].join('\n');
}

/** For readers who cannot see the drawing. */
function words({ red, green, one }: Drawn): string {
  const both = red === null ? `green ${wordsFor(green)}` : `red ${wordsFor(red)}, green ${wordsFor(green)}`;
  return `${both}; one light alone ${wordsFor(one)}`;
}

function drawing(one: Drawn): string {
  const tracks = [
    ...(one.red === null ? [] : [track('red', one.red, '#d1242f')]),
    track('green', one.green, '#1a7f37'),
    track('one light', one.one, '#9a6700'),
  ];
  const height = tracks.length * trackHeight + 4;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${words(one)}</title>`,
    '<g font-family="sans-serif" font-size="12" fill="#656d76">',
    ...tracks.map((draw, index) => draw(index * trackHeight + 2)),
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

/** A lit stretch is a bar, a dark one a line. */
function track(label: string, pattern: LightPattern, colour: string): (top: number) => string {
  return (top) => {
    const middle = top + trackHeight / 2;
    const bars = litStretches(pattern).map(({ fromMs, toMs }) => {
      const x = labelWidth + (fromMs / 1_000) * pixelsPerSecond;
      const barWidth = ((toMs - fromMs) / 1_000) * pixelsPerSecond;
      return `<rect x="${x}" y="${top + 3}" width="${barWidth}" height="${trackHeight - 6}" fill="${colour}"/>`;
    });
    return [
      `<text x="0" y="${middle + 4}">${label}</text>`,
      `<path d="M${labelWidth} ${middle}H${width}" stroke="#8c959f"/>`,
      ...bars,
    ].join('\n');
  };
}

function litStretches(pattern: LightPattern): { fromMs: number; toMs: number }[] {
  if (pattern === 'off') return [];
  if (pattern === 'on') return [{ fromMs: 0, toMs: shownMs }];
  const stretches: { fromMs: number; toMs: number }[] = [];
  let atMs = 0;
  for (let step = 0; atMs < shownMs; step += 1) {
    const untilMs = atMs + (pattern[step % pattern.length] ?? shownMs);
    if (step % 2 === 0) stretches.push({ fromMs: atMs, toMs: Math.min(untilMs, shownMs) });
    atMs = untilMs;
  }
  return stretches;
}
