import type { IssueReports } from '#core/domain/issue-reports.ts';
import { type ReportsBody, reportsBody, telemetryBody } from '#core/protocol/api.ts';
import type { Telemetry } from '../board/telemetry.ts';
import { sendJson } from '../http/body.ts';
import type { Route } from '../http/router.ts';

/** What the operator looks into: how the board does, and what viewers complain of. */
export function observerRoutes({
  telemetry,
  reports,
}: {
  telemetry: Telemetry;
  reports: IssueReports;
}): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/telemetry',
      operator: true,
      doc: {
        tag: 'box',
        summary: 'All that the board says of itself; null where it does not',
        answers: { 200: telemetryBody },
      },
      handle: ({ response }) => sendJson(response, 200, telemetry.current),
    },
    {
      method: 'GET',
      path: '/api/v1/reports',
      operator: true,
      doc: {
        tag: 'box',
        summary: 'What viewers complained of, the latest first',
        answers: { 200: reportsBody },
      },
      handle: ({ response }) => {
        const body: ReportsBody = { received: reports.received, reports: reports.latest };
        sendJson(response, 200, body);
      },
    },
  ];
}
