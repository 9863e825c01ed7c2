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
const height = 56;

/** A small live graph with its newest figure, and a warning in words where there is one. */
export function Graph({ name, unit, values, warning, atLeast, digits = 0 }: Series) {
  const latest = values.findLast((value) => value !== null) ?? null;
  const known = values.filter((value): value is number => value !== null);
  const top = Math.max(atLeast, ...known) * 1.05;
  const warns =
    warning !== undefined && latest !== null && (warning.below ? latest < warning.at : latest >= warning.at);
  const figure = latest === null ? '–' : `${latest.toFixed(digits)} ${unit}`;
  return (
    <figure class={`graph ${warns ? 'warns' : ''}`}>
      <figcaption>
        <span class="quiet small">{name}</span>
        <strong>{figure}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name} over the last 10 minutes${describe(known, unit, digits)}`}
      >
        {warning && <line class="limit" x1="0" x2={width} y1={y(warning.at, top)} y2={y(warning.at, top)} />}
        {paths(values, top).map((d) => (
          <path key={d} d={d} />
        ))}
      </svg>
      {warns && <p class="small">{warning?.text}</p>}
    </figure>
  );
}

const y = (value: number, top: number): number => Math.round((1 - value / top) * height * 10) / 10;

function describe(known: number[], unit: string, digits: number): string {
  if (known.length === 0) return ': not known';
  const round = (value: number): string => value.toFixed(digits);
  return `: from ${round(Math.min(...known))} to ${round(Math.max(...known))} ${unit}`;
}

/** One line for each stretch without gaps. */
function paths(values: (number | null)[], top: number): string[] {
  const step = width / Math.max(1, values.length - 1);
  const lines: string[] = [];
  let line = '';
  for (const [index, value] of values.entries()) {
    if (value === null) {
      if (line) lines.push(line);
      line = '';
      continue;
    }
    line += `${line ? 'L' : 'M'}${Math.round(index * step * 10) / 10} ${y(value, top)}`;
  }
  if (line) lines.push(line);
  return lines;
}
