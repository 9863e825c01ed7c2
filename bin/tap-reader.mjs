import { createInterface } from 'node:readline';

const indentWidth = 4;
const subtestLine = /^( *)# Subtest: (.*)$/;
const pointLine = /^( *)(not )?ok \d+(?: - (.*?))?(?: # (SKIP|TODO|time)\b=?\s*(.*))?$/;
const figureLine = /^ *# (figure: .*)$/;
const countsLine = /^# \{ (total: .*) \}$/;

/**
 * Reads the TAP (version 14) of one run of tap: says a line for each test file, what failed with its
 * details, what was skipped with its reason, comments that begin with "figure:", and keeps the run's counts.
 * What there is to say of one file is said at once: another run may be speaking too.
 */
export class TapReader {
  counts = { pass: 0, fail: 0, skip: 0 };
  /** Names of the test files that failed. */
  failed = [];
  #say;
  /** Of the file at hand. */
  #lines = [];
  /** Names of the subtests around the line at hand, by depth. */
  #names = [];
  #depthBefore = 0;
  /** Where the details of the failure before stand, if they follow; and whether they are being shown. */
  #details = { indent: '', expected: false, shown: false };

  /**
   * @param input stdout of bin/tap-files.mjs
   * @param say takes the lines for people about one file
   */
  constructor(input, say) {
    this.#say = say;
    const lines = createInterface({ input });
    lines.on('line', (line) => this.#read(line));
    lines.on('close', () => this.#sayAll());
  }

  #read(line) {
    if (this.#readDetails(line)) return;
    const subtest = subtestLine.exec(line);
    if (subtest) this.#names[subtest[1].length / indentWidth] = subtest[2];
    const point = pointLine.exec(line);
    if (point) this.#readPoint(point);
    const figure = figureLine.exec(line);
    if (figure) this.#lines.push(`        ${figure[1]}`);
    const counts = countsLine.exec(line);
    if (counts) this.counts = countsOf(counts[1]);
  }

  #readDetails(line) {
    const { indent, expected, shown } = this.#details;
    if (!shown && !(expected && line === `${indent}---`)) {
      this.#details.expected = false;
      return false;
    }
    this.#details.shown = line !== `${indent}...`;
    if (line !== `${indent}---` && this.#details.shown)
      this.#lines.push(`        ${line.slice(indent.length)}`);
    return true;
  }

  #readPoint([, indent, not, name = '', directive, detail]) {
    const depth = indent.length / indentWidth;
    const sumsUp = this.#depthBefore > depth;
    this.#depthBefore = depth;
    const path = [...this.#names.slice(0, depth), name].join(' > ');
    const isSkipped = directive === 'SKIP' || directive === 'TODO';
    if (depth === 0 && not && name.endsWith('.test.ts')) this.failed.push(name);
    if (depth === 0) this.#lines.push(`${not ? 'not ok' : 'ok    '}  ${name}  ${detail ?? ''}`);
    else if (isSkipped) this.#lines.push(`skip    ${path}: ${detail || 'no reason given'}`);
    else if (not && !sumsUp) this.#lines.push(`not ok  ${path}`);
    this.#details.expected = not !== undefined && !isSkipped && !sumsUp;
    this.#details.indent = `${indent}  `;
    if (depth === 0 && !this.#details.expected) this.#sayAll();
  }

  #sayAll() {
    if (this.#lines.length > 0) this.#say(this.#lines.splice(0).join('\n'));
  }
}

/** From "total: 7, pass: 3, fail: 1, todo: 1, skip: 2". */
function countsOf(text) {
  const all = Object.fromEntries(text.split(', ').map((part) => part.split(': ')));
  const number = (name) => Number(all[name] ?? 0);
  return { pass: number('pass'), fail: number('fail'), skip: number('skip') + number('todo') };
}
