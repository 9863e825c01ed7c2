import { operatorList } from '#core/protocol/operator-api.ts';
import type { Operators } from '../access/operators.ts';
import { sendJson } from '../http/body.ts';
import type { Route } from '../http/router.ts';

const path = '/api/v1/operators';

/** `/api/v1/operators`: who paired with this box. */
export function operatorRoutes({ operators }: { operators: Operators }): Route[] {
  return [
    {
      method: 'GET',
      path,
      operator: true,
      doc: {
        tag: 'operators',
        summary: 'Who paired with this box; `current` is who asks',
        answers: { 200: operatorList },
      },
      handle: ({ response, operatorId }) =>
        sendJson(response, 200, { operators: operators.list(operatorId) }),
    },
    {
      method: 'DELETE',
      path: `${path}/:operator`,
      operator: true,
      doc: {
        tag: 'operators',
        summary: 'Takes away what lets somebody operate the box, from the next request on',
        answers: { 204: { description: 'It is taken away' } },
      },
      handle: async ({ response, params, operatorId }) => {
        const id = params.operator ?? '';
        await operators.revoke(id);
        response.writeHead(204, id === operatorId ? { 'set-cookie': operators.expiredCookie } : {}).end();
      },
    },
  ];
}
