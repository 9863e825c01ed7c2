import type { IssueReports } from '#core/domain/issue-reports.ts';
import type { ReportsBody } from '#core/protocol/api.ts';
import { sendJson } from '../http/body.ts';
import type { Route } from '../http/router.ts';
import type { Telemetry } from '../telemetry.ts';

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
      handle: ({ response }) => sendJson(response, 200, telemetry.current),
    },
    {
      method: 'GET',
      path: '/api/v1/reports',
      operator: true,
      handle: ({ response }) => {
        const body: ReportsBody = { received: reports.received, reports: reports.latest };
        sendJson(response, 200, body);
      },
    },
  ];
}
