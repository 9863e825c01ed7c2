import { documentOf } from './requirement.ts';
import type { Report, Result } from './run.ts';

const groups: readonly (readonly [prefix: string, title: string])[] = [
  ['http', 'HTTP'],
  ['sdp', 'SDP'],
  ['ice', 'ICE'],
  ['dtls', 'DTLS'],
  ['rt', 'RTP and RTCP'],
  ['life', 'Life of a session'],
];

/** For people: a line for each requirement, what was seen below it, and at the end once more what does not hold. */
export function tableOf({ url, kind, results }: Report): string {
  const own = `${documentOf[kind]}, `;
  const rows = results.map(({ id, outcome, level, section, requirement, evidence }) => ({
    id,
    cells: [outcome === 'not-applicable' ? 'n/a' : outcome, level, id, section.replace(own, ''), requirement],
    evidence,
  }));
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map(({ cells }) => cells[column]?.length ?? 0), 0),
  );
  const lineOf = ({ cells, evidence }: (typeof rows)[number]): string => {
    const line = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    return evidence ? `${line}\n${' '.repeat(6)}${evidence}` : line;
  };
  const chapters = groups.flatMap(([prefix, title]) => {
    const own = rows.filter(({ id }) => id.startsWith(prefix));
    return own.length === 0 ? [] : ['', title, ...own.map(lineOf)];
  });
  const failed = rows.filter(({ cells }) => cells[0] === 'fail');
  return [
    `${kind.toUpperCase()} at ${url}`,
    `Sections without a name are those of ${documentOf[kind]}.`,
    ...chapters,
    ...(failed.length === 0 ? [] : ['', 'What does not hold', ...failed.map(lineOf)]),
    '',
    summaryOf(results),
  ].join('\n');
}

export function summaryOf(results: readonly Result[]): string {
  const count = (outcome: Result['outcome'], level?: Result['level']): number =>
    results.filter((result) => result.outcome === outcome && (level === undefined || result.level === level))
      .length;
  return `${count('pass')} passed, ${count('fail')} failed (${count('fail', 'MUST')} MUST, ${count('fail', 'SHOULD')} SHOULD), ${count('not-applicable')} not applicable`;
}

/** For programs that show test results. */
export function junitOf({ url, kind, results }: Report): string {
  const failures = results.filter(({ outcome }) => outcome === 'fail').length;
  const skipped = results.filter(({ outcome }) => outcome === 'not-applicable').length;
  const cases = results.map(({ id, section, level, requirement, outcome, evidence }) => {
    const open = `  <testcase classname="${escaped(`${kind}.${id.split('-')[0]}`)}" name="${escaped(`${id}: ${level}, ${section}: ${requirement}`)}"`;
    if (outcome === 'pass') return `${open}><system-out>${escaped(evidence)}</system-out></testcase>`;
    if (outcome === 'fail')
      return `${open}><failure type="${level}" message="${escaped(evidence)}"/></testcase>`;
    return `${open}><skipped message="${escaped(evidence)}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${escaped(`${documentOf[kind]} at ${url}`)}" tests="${results.length}" failures="${failures}" skipped="${skipped}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text
    .replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]/g, ' ')
    .replace(/[&<>"]/g, (character) => names[character] ?? character);
}
