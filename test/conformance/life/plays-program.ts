import { type ProgramReport, runProgram } from '../clients/program-client.ts';
import type { Context } from '../context.ts';
import { expect, type Kind, NotApplicable } from '../requirement.ts';

const timeoutMs = 20_000;

/** Lets a client in a program of its own play or publish. @throws NotApplicable where this machine lacks it, Failed */
export async function playsProgram(
  { url, kind, http }: Context,
  program: { command: string; args: readonly string[] } | string,
): Promise<string> {
  if (typeof program === 'string') throw new NotApplicable(program);
  return judge(await runProgram({ ...program, url, kind, token: http.token, timeoutMs }), kind);
}

/** @param report or why there is none. @throws NotApplicable, Failed */
export function judge(report: ProgramReport | string, kind: Kind): string {
  if (typeof report === 'string') throw new NotApplicable(report);
  const { make, frames, problem } = report;
  if (problem !== null && /POST: (409|503)/.test(problem)) throw new NotApplicable(problem);
  expect(problem === null, `${make}: ${problem}`);
  return kind === 'whep' ? `${make}: ${frames} frames` : `${make}: connected and sending`;
}
