import { getMetrics } from '#core/protocol/endpoints/box.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';
import { expositionType, type Metric, renderMetrics } from './exposition.ts';

/** `GET /metrics`, for Prometheus: figures of the box, nothing of its viewers. */
export function metricsRoutes({ collect }: { collect: () => Metric[] }): Route[] {
  return [serve(getMetrics, () => answer(200, renderMetrics(collect()), { 'content-type': expositionType }))];
}
