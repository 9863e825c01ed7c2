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
/** What has not begun by then is not run: the whole takes 150 s at most. */
const lastStartMs = 90_000;

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
  onResult?: (result: Result) => void;
}): Promise<Report> {
  const { url, kind, onResult = () => {}, only, restartCommand = null } = options;
  const http = new HttpClient(options.token);
  const wanted = requirementsOf(kind).filter(({ id }) => only === undefined || only.includes(id));
  const startedAtMs = performance.now();
  const results = new Map<string, Result>();
  const run = async (requirement: Requirement): Promise<void> => {
    const late = performance.now() - startedAtMs > lastStartMs;
    const { outcome, evidence } = late
      ? { outcome: 'not-applicable' as const, evidence: 'no time was left for it' }
      : await outcomeOf(requirement, new Context({ url, kind, http, restartCommand }));
    const { id, level, requirement: text } = requirement;
    const result = { id, section: sectionOf(requirement, kind), level, requirement: text, outcome, evidence };
    results.set(id, result);
    onResult(result);
  };
  // The longest first, beside all others; what needs the server for itself last.
  const together = wanted.filter(({ alone }) => !alone).sort((one, other) => rank(one) - rank(other));
  await Promise.all(
    Array.from({ length: lanes[kind] }, async () => {
      for (let next = together.shift(); next !== undefined; next = together.shift()) await run(next);
    }),
  );
  for (const requirement of wanted.filter(({ alone }) => alone)) await run(requirement);
  return { url, kind, results: wanted.flatMap(({ id }) => results.get(id) ?? []) };
}

const rank = ({ id }: Requirement): number =>
  id === 'ice-consent-expiry' ? 0 : id.startsWith('life-plays') ? 1 : 2;

async function outcomeOf(
  requirement: Requirement,
  context: Context,
): Promise<{ outcome: Outcome; evidence: string }> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${checkTimeoutMs / 1_000} s`)), checkTimeoutMs);
  });
  try {
    return { outcome: 'pass', evidence: await Promise.race([requirement.check(context), timeout]) };
  } catch (error) {
    const evidence = error instanceof Error ? error.message : String(error);
    return { outcome: error instanceof NotApplicable ? 'not-applicable' : 'fail', evidence };
  } finally {
    clearTimeout(timer);
    await context.close();
  }
}

/** "draft-ietf-wish-whep-04, 4.3.1" */
export function sectionOf({ section }: Requirement, kind: Kind): string {
  return typeof section === 'string' ? section : `${documentOf[kind]}, ${section[kind]}`;
}
