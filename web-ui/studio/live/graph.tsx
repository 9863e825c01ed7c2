import { useState } from 'preact/hooks';
import { clockTime, figure, say } from '../say.ts';

/** A figure over the last minutes; null where nothing was known. */
export interface Series {
  name: string;
  unit: string;
  values: (number | null)[];
  /** From here on it is a warning; `below` where low is bad. */
  warning?: { at: number; below?: boolean; text: string };
  /** The scale reaches at least this far. */
  atLeast: number;
  digits?: number;
}

const width = 240;
const height = 72;

/** A live graph with its scale, its times and its newest figure; pointing at it reads the figure of that moment. */
export function Graph(props: Series & { times: readonly string[] }) {
  const { name, unit, values, warning, atLeast, digits = 0, times } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const known = values.filter((value): value is number => value !== null);
  const top = niceTop(Math.max(atLeast, ...known));
  const at = pointed === null ? values.length - 1 : Math.min(pointed, values.length - 1);
  const value = values[at] ?? null;
  const warns =
    warning !== undefined && value !== null && (warning.below ? value < warning.at : value >= warning.at);
  const written = value === null ? '–' : `${figure(value, digits)} ${unit}`.trim();
  const from = times[0];
  const to = times.at(-1);
  const shownTime = times[at];
  const point = (event: PointerEvent & { currentTarget: SVGSVGElement }): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - left) / width));
    setPointed(Math.round(share * (values.length - 1)));
  };
  return (
    <figure class={`graph ${warns ? 'warns' : ''}`}>
      <figcaption>
        <span class="quiet small">
          {name}
          {pointed !== null && shownTime && ` · ${clockTime(shownTime)}`}
        </span>
        <strong>{written}</strong>
      </figcaption>
      <div class="plot">
        <div class="scale small quiet" aria-hidden="true">
          <span>{figure(top, top < 5 && digits > 0 ? 1 : 0)}</span>
          <span>0</span>
        </div>
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={say('graphOf', { name, range: describe(known, unit, digits) })}
          onPointerMove={point}
          onPointerLeave={() => setPointed(null)}
        >
          <line class="grid" x1="0" x2={width} y1={height / 2} y2={height / 2} />
          {warning && (
            <line class="limit" x1="0" x2={width} y1={y(warning.at, top)} y2={y(warning.at, top)} />
          )}
          {paths(values, top).map((d) => (
            <path key={d} d={d} />
          ))}
          {pointed !== null && value !== null && (
            <line class="pointed" x1={x(at, values)} x2={x(at, values)} y1="0" y2={height} />
          )}
        </svg>
      </div>
      <div class="times small quiet" aria-hidden="true">
        <span>{from && clockTime(from)}</span>
        <span>{to && to !== from && clockTime(to)}</span>
      </div>
      {warns && <p class="small">{warning?.text}</p>}
    </figure>
  );
}

/** 1, 2 or 5 times a power of ten, so that the scale can be read. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}

const round = (value: number): number => Math.round(value * 10) / 10;
const y = (value: number, top: number): number => round((1 - value / top) * (height - 2) + 1);
const x = (index: number, values: readonly unknown[]): number =>
  round((index * width) / Math.max(1, values.length - 1));

function describe(known: number[], unit: string, digits: number): string {
  if (known.length === 0) return say('graphUnknown');
  return say('graphRange', {
    low: figure(Math.min(...known), digits),
    high: `${figure(Math.max(...known), digits)} ${unit}`.trim(),
  });
}

/** One line for each stretch without gaps; a single sample is a dash of its own. */
function paths(values: (number | null)[], top: number): string[] {
  const lines: string[] = [];
  let line = '';
  let alone = false;
  const end = (): void => {
    if (line) lines.push(alone ? `${line}h3` : line);
    line = '';
  };
  for (const [index, value] of values.entries()) {
    if (value === null) {
      end();
      continue;
    }
    alone = line === '';
    line += `${line ? 'L' : 'M'}${Math.min(x(index, values), width - 3)} ${y(value, top)}`;
  }
  end();
  return lines;
}
