import type { IssueReports } from '#core/domain/issue-reports.ts';
import { getTelemetry, listReports } from '#core/protocol/endpoints/box.ts';
import type { Telemetry } from '../board/telemetry.ts';
import type { Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';

/** What the operator looks into: how the board does, and what viewers complain of. */
export function observerRoutes({
  telemetry,
  reports,
}: {
  telemetry: Telemetry;
  reports: IssueReports;
}): Route[] {
  return [
    serve(getTelemetry, () => telemetry.current),
    serve(listReports, () => ({ received: reports.received, reports: reports.latest })),
  ];
}
