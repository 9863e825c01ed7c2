import type { Route } from '../http/router.ts';
import { expositionType, type Metric, renderMetrics } from './exposition.ts';

/** `GET /metrics`, for Prometheus: figures of the box, nothing of its viewers. */
export function metricsRoutes({ collect }: { collect: () => Metric[] }): Route[] {
  return [
    {
      method: 'GET',
      path: '/metrics',
      doc: {
        tag: 'box',
        summary: 'Figures for Prometheus (docs/telemetry.md)',
        answers: { 200: { type: 'text/plain' } },
      },
      handle: ({ request, response }) => {
        const body = renderMetrics(collect());
        response.writeHead(200, {
          'content-type': expositionType,
          'content-length': Buffer.byteLength(body),
          'cache-control': 'no-store',
        });
        response.end(request.method === 'HEAD' ? undefined : body);
      },
    },
  ];
}
