import { z } from 'zod';
import { ApiError } from '#core/protocol/client.ts';
import { finding, getFindings } from '#core/protocol/endpoints/care.ts';
import { type CommandContext, command } from '../command.ts';
import { commandErrorOf } from '../command-error.ts';

/** What was found by the box, and by a look at the machine: `missing` is needed, `absent` is not, `wrong` is there. */
const examined = finding.omit({ code: true, level: true }).extend({
  level: z.enum([...finding.shape.level.options, 'missing', 'wrong', 'absent']),
  code: z.string().optional(),
});
type Examined = z.infer<typeof examined>;

/** A finding of the machine alone; one package manager call fixes several. */
export type MachineFinding = Examined & { debianPackage?: string };

const labels: Record<Examined['level'], string> = {
  ok: 'ok',
  absent: 'absent',
  warning: 'careful',
  problem: 'PROBLEM',
  missing: 'MISSING',
  wrong: 'WRONG',
};
const unhealthy: readonly Examined['level'][] = ['problem', 'missing', 'wrong'];

const result = z.object({
  healthy: z.boolean(),
  findings: z.array(examined),
  /** The machine that was looked at; null where the box alone was asked. */
  machine: z.string().nullable(),
  /** The command that installs all missing packages at once. */
  together: z.string().nullable(),
});

export const doctorCommand = command({
  method: 'doctor',
  summary: 'What is missing or wrong, and what to do about it',
  arguments: [],
  params: z.strictObject({}),
  result,
  run: async (_, context) => {
    const { machine } = context;
    const ofMachine = machine === null ? [] : await machine.examine();
    const findings = [...ofMachine.map(({ debianPackage, ...rest }) => rest), ...(await askBox(context))];
    const missing = ofMachine.filter(({ level }) => level === 'missing');
    const packages = [...new Set(missing.flatMap(({ debianPackage }) => debianPackage ?? []))];
    return {
      healthy: findings.every(({ level }) => !unhealthy.includes(level)),
      findings,
      machine: machine === null ? null : await machine.describe(),
      together: packages.length > 1 ? `apt-get install ${packages.join(' ')}` : null,
    };
  },
  show: (found) => [...linesOf(found), verdictOf(found)].join('\n'),
  failure: (found) => (found.healthy ? null : [`${verdictOf(found)}\n`, ...linesOf(found)].join('\n')),
});

async function askBox(context: CommandContext): Promise<Examined[]> {
  try {
    return (await context.box.call(getFindings, { signal: context.signal })).findings;
  } catch (error) {
    // A machine on which nothing runs is not a faulty box.
    if (context.machine !== null && error instanceof ApiError && error.code === 'not-running')
      return await context.machine.examineStart();
    const known = commandErrorOf(error);
    if (known === null || known.code === 'cancelled') throw error;
    return [{ level: 'problem', what: known.message, action: known.action }];
  }
}

function linesOf({ findings, machine, together }: z.output<typeof result>): string[] {
  return [
    ...(machine === null ? [] : [machine]),
    ...findings.flatMap(lineOf),
    ...(together === null ? [] : [`All at once: ${together}`]),
  ];
}

export function lineOf({ level, what, action }: Examined): string[] {
  const indent = ' '.repeat(9);
  const isNoted = level === 'ok' || action === null || action === '';
  return [`${labels[level].padEnd(8)} ${what}`, ...(isNoted ? [] : [`${indent}${action}`])];
}

function verdictOf({ healthy, machine, findings }: z.output<typeof result>): string {
  if (healthy) return machine === null ? 'The box is well.' : 'Everything needed is here.';
  const missing = findings.filter(({ level }) => level === 'missing').length;
  if (missing === 1) return '1 needed thing is missing.';
  return missing > 1 ? `${missing} needed things are missing.` : 'Something needs fixing.';
}
