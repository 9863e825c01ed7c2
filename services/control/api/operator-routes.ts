import { listOperators, removeOperator } from '#core/protocol/endpoints/operators.ts';
import type { Operators } from '../access/operators.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';

/** `/api/v1/operators`: who paired with this box. */
export function operatorRoutes({ operators }: { operators: Operators }): Route[] {
  return [
    serve(listOperators, ({ operatorId }) => ({ operators: operators.list(operatorId) })),
    serve(removeOperator, async ({ request, params, operatorId }) => {
      await operators.revoke(params.operator);
      const isOwn = params.operator === operatorId;
      return answer(204, null, isOwn ? { 'set-cookie': operators.expiredCookie(request) } : {});
    }),
  ];
}
