import { OnairError } from '#core/domain/errors.ts';
import { getHistory } from '#core/protocol/endpoints/box.ts';
import { getDiagnosis, getFindings, restartBox } from '#core/protocol/endpoints/care.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { History } from '../diagnosis/history.ts';
import type { Restart } from '../diagnosis/restart.ts';
import { findingsOf } from '../domain/findings.ts';
import type { Route } from '../http/router.ts';
import { answer, serve, streamed } from '../http/serve.ts';
import type { StatusReport } from '../status/status.ts';
import { type WifiServices, wifiBodyOf } from './wifi-routes.ts';

interface Services {
  history: History;
  restart: Restart;
  diagnosis: Diagnosis;
  status: Pick<StatusReport, 'linkBody'>;
  wifi: WifiServices;
}

/** What the operator looks into and does about the box itself; and what viewers tell for it. */
export function boxRoutes({ history, restart, diagnosis, status, wifi }: Services): Route[] {
  let diagnosing = false;
  return [
    serve(getHistory, () => history.body),
    serve(getFindings, async () => {
      const state = await wifi.lan.wifi.state().catch(() => null);
      return findingsOf(status.linkBody, state && wifiBodyOf(state, wifi, false));
    }),
    serve(restartBox, async ({ body: { what }, response }) => {
      await restart.prepare(what);
      response.once('close', () => restart.go(what));
      return answer(202, null, { connection: 'close' });
    }),
    serve(getDiagnosis, async ({ request, response }) => {
      if (request.method === 'HEAD') {
        response.writeHead(200, { 'content-type': 'application/gzip' }).end();
        return streamed;
      }
      if (diagnosing) {
        throw new OnairError('rate-limited', 'A diagnosis is being made already.', {
          retryAfterSeconds: 5,
        });
      }
      diagnosing = true;
      try {
        const { name, bytes } = await diagnosis.archive();
        return answer(200, bytes, { 'content-disposition': `attachment; filename="${name}"` });
      } finally {
        diagnosing = false;
      }
    }),
  ];
}
