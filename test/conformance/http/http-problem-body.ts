import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'http-problem-body',
  group: 'http',
  kinds: both,
  section: { whep: '4.1', whip: '4.1' },
  level: 'MAY',
  requirement: 'An error says what is wrong as application/problem+json (RFC 9457).',
  async check(context) {
    const answer = await context.post('this is no SDP');
    const type = answer.headers['content-type'] ?? 'none';
    if (!type.startsWith('application/problem+json')) throw new NotApplicable(`Content-Type: ${type}`);
    const problem = JSON.parse(answer.text) as { status?: number; title?: string };
    expect(
      problem.status === undefined || problem.status === answer.status,
      `status ${problem.status} in an answer ${answer.status}`,
    );
    return `${answer.status}: ${problem.title}`;
  },
};
