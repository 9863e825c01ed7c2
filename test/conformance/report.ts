import { documentOf } from './requirement.ts';
import type { Report, Result } from './run.ts';

/** For people. */
export function tableOf({ url, kind, results }: Report): string {
  const rows = results.map(({ outcome, level, id, section, requirement, evidence }) => [
    outcome === 'not-applicable' ? 'n/a' : outcome,
    level,
    id,
    section,
    `${requirement}${evidence ? `\n${' '.repeat(8)}${evidence}` : ''}`,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 0));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column < widths.length ? cell.padEnd(widths[column] ?? 0) : cell)).join('  '),
  );
  return [`${kind.toUpperCase()} (${documentOf[kind]}) at ${url}`, '', ...lines, '', summaryOf(results)].join(
    '\n',
  );
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
