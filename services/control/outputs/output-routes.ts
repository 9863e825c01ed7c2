import { addOutput, changeOutput, listOutputs, removeOutput } from '#core/protocol/endpoints/outputs.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';
import type { Outputs } from './outputs.ts';

/** `/api/v1/outputs` (design.md, "Shapes"). */
export function outputRoutes({ outputs }: { outputs: Outputs }): Route[] {
  return [
    serve(listOutputs, () => ({ outputs: outputs.list })),
    serve(addOutput, async ({ body }) => await outputs.add(body)),
    serve(changeOutput, async ({ params, body }) => await outputs.change(params.id, body)),
    serve(removeOutput, async ({ params }) => {
      await outputs.remove(params.id);
      return answer(204, null);
    }),
  ];
}
