import { OnairError } from '#core/domain/errors.ts';
import { delayReport, historyBody, restartRequest } from '#core/protocol/operator-api.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { History } from '../diagnosis/history.ts';
import type { Restart } from '../diagnosis/restart.ts';
import { readJson, sendJson } from '../http/body.ts';
import type { Route } from '../http/router.ts';

interface Services {
  history: History;
  restart: Restart;
  diagnosis: Diagnosis;
  identity: ViewerIdentity;
}

const tag = 'box';

/** What the operator looks into and does about the box itself; and what viewers tell for it. */
export function boxRoutes({ history, restart, diagnosis, identity }: Services): Route[] {
  let diagnosing = false;
  return [
    {
      method: 'GET',
      path: '/api/v1/history',
      operator: true,
      doc: {
        tag,
        summary: 'The last 10 minutes in figures, one sample every 5 s, the oldest first',
        answers: { 200: historyBody },
      },
      handle: ({ response }) => sendJson(response, 200, history.body),
    },
    {
      method: 'POST',
      path: '/api/v1/delay',
      doc: {
        tag: 'watching',
        summary: 'A viewer tells how far behind live it shows pictures; the history shows the worst',
        admits: 'viewer',
        request: delayReport,
        answers: { 204: { description: 'It is noted' } },
      },
      handle: async ({ request, response, authority }) => {
        if (authority !== 'link') await identity.admit(request);
        history.noteDelay((await readJson(request, delayReport)).delayMs);
        response.writeHead(204).end();
      },
    },
    {
      method: 'POST',
      path: '/api/v1/restart',
      operator: true,
      doc: {
        tag,
        summary: 'Starts the box or its services anew',
        description: 'A broadcast goes on after a restart of the services, and ends with one of the box.',
        request: restartRequest,
        answers: { 202: { description: 'It is about to' } },
      },
      handle: async ({ request, response }) => {
        const { what } = await readJson(request, restartRequest);
        await restart.prepare(what);
        response.once('close', () => restart.go(what));
        response.writeHead(202, { connection: 'close' }).end();
      },
    },
    {
      method: 'GET',
      path: '/api/v1/diagnosis',
      operator: true,
      doc: {
        tag,
        summary: 'Status, settings, figures, logs and what the doctor says, for who helps; without secrets',
        answers: { 200: { type: 'application/gzip' } },
      },
      handle: async ({ request, response }) => {
        if (request.method === 'HEAD') {
          response.writeHead(200, { 'content-type': 'application/gzip' }).end();
          return;
        }
        if (diagnosing) {
          throw new OnairError('rate-limited', 'A diagnosis is being made already.', {
            retryAfterSeconds: 5,
          });
        }
        diagnosing = true;
        try {
          const { name, bytes } = await diagnosis.archive();
          response.writeHead(200, {
            'content-type': 'application/gzip',
            'content-length': bytes.length,
            'content-disposition': `attachment; filename="${name}"`,
            'cache-control': 'no-store',
          });
          response.end(bytes);
        } finally {
          diagnosing = false;
        }
      },
    },
  ];
}
