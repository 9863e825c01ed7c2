import { pionProgram } from './clients/pion-program.ts';
import { Context } from './context.ts';
import { HttpClient } from './http-client.ts';
import { documentOf, type Kind, NotApplicable, type Requirement } from './requirement.ts';
import { requirements } from './requirements.ts';

export type Outcome = 'pass' | 'fail' | 'not-applicable';

export interface Result {
  id: string;
  section: string;
  level: Requirement['level'];
  requirement: string;
  outcome: Outcome;
  evidence: string;
}

export interface Report {
  url: string;
  kind: Kind;
  results: Result[];
}

/** So many checks at once: few enough for a server of ten places, and one for a server that takes one publisher. */
const lanes: Readonly<Record<Kind, number>> = { whep: 4, whip: 1 };
const checkTimeoutMs = 55_000;
/** The whole takes 150 s at most; the first look at the server and the last check's clean-up are in the rest. */
const wholeMs = 140_000;
/** A server that hangs keeps nobody from the next check. */
const cleanUpMs = 5_000;
/** With less left nothing is begun. */
const leastMs = 2_000;
/** Why a requirement was not tried at all, which is neither a pass nor an answer of the server. */
const notRun = 'not run: no time was left for it';

/** Whether a MUST is broken, or could not be tried for want of time. */
export const fails = ({ results }: Report): boolean =>
  results.some(
    ({ level, outcome, evidence }) => level === 'MUST' && (outcome === 'fail' || evidence === notRun),
  );

export const requirementsOf = (kind: Kind): Requirement[] =>
  requirements.filter((requirement) => requirement.kinds.includes(kind));

/** Runs every requirement of that kind against a server. */
export async function runSuite(options: {
  url: string;
  kind: Kind;
  token: string | null;
  /** For `sh`: restarts the server. */
  restartCommand?: string | null;
  /** Of these ids only. */
  only?: readonly string[];
  /** Since when the whole counts; now by default. */
  startedAtMs?: number;
  onResult?: (result: Result) => void;
}): Promise<Report> {
  const { url, kind, onResult = () => {}, only, restartCommand = null } = options;
  const http = new HttpClient(options.token);
  const wanted = requirementsOf(kind).filter(({ id }) => only === undefined || only.includes(id));
  const { startedAtMs = performance.now() } = options;
  const results = new Map<string, Result>();
  const shared = new Map<string, Promise<unknown>>();
  const run = async (requirement: Requirement): Promise<void> => {
    const leftMs = wholeMs - (performance.now() - startedAtMs);
    const { outcome, evidence } =
      leftMs < leastMs
        ? { outcome: 'not-applicable' as const, evidence: notRun }
        : await outcomeOf(requirement, new Context({ url, kind, http, restartCommand, shared }), leftMs);
    const { id, level, requirement: text } = requirement;
    const result = { id, section: sectionOf(requirement, kind), level, requirement: text, outcome, evidence };
    results.set(id, result);
    onResult(result);
  };
  if (wanted.some(({ id }) => id === 'life-plays-pion'))
    new Context({ url, kind, http, shared }).once('pion', pionProgram).catch(() => {});
  // Beside others the longest begins first; one by one it comes last, so that what is short is tried in any case.
  const together = wanted.filter(({ alone }) => !alone).sort((one, other) => length(other) - length(one));
  if (lanes[kind] === 1) together.sort((one, other) => length(one) - length(other));
  await Promise.all(
    Array.from({ length: lanes[kind] }, async () => {
      for (let next = together.shift(); next !== undefined; next = together.shift()) await run(next);
    }),
  );
  for (const requirement of wanted.filter(({ alone }) => alone)) await run(requirement);
  return { url, kind, results: wanted.flatMap(({ id }) => results.get(id) ?? []) };
}

/** How long it takes, roughly. */
const length = ({ id }: Requirement): number =>
  ['ice-consent-expiry', 'life-expired'].includes(id) ? 2 : id.startsWith('life-plays') ? 1 : 0;

async function outcomeOf(
  requirement: Requirement,
  context: Context,
  leftMs: number,
): Promise<{ outcome: Outcome; evidence: string }> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const outOfTime =
      leftMs < checkTimeoutMs
        ? new NotApplicable(notRun)
        : new Error(`not done in ${checkTimeoutMs / 1_000} s`);
    timer = setTimeout(() => reject(outOfTime), Math.min(leftMs, checkTimeoutMs));
  });
  try {
    return {
      outcome: 'pass',
      evidence: printable(await Promise.race([requirement.check(context), timeout])),
    };
  } catch (error) {
    const evidence = error instanceof Error ? error.message : String(error);
    return {
      outcome: error instanceof NotApplicable ? 'not-applicable' : 'fail',
      evidence: printable(evidence),
    };
  } finally {
    clearTimeout(timer);
    await context.close(cleanUpMs);
  }
}

/** A server's own words may hold what a terminal obeys. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ');

/** "draft-ietf-wish-whep-04, 4.3.1" */
export function sectionOf({ section }: Requirement, kind: Kind): string {
  return typeof section === 'string' ? section : `${documentOf[kind]}, ${section[kind]}`;
}
