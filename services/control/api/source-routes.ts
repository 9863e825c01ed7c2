import { refusalOf, shownControls } from '#core/domain/camera.ts';
import { OnairError } from '#core/domain/errors.ts';
import {
  changeSourceControls,
  getSourceLevel,
  getSourceSnapshot,
  listSources,
  releaseSource,
  takeSource,
} from '#core/protocol/endpoints/sources.ts';
import type { BroadcastSources } from '../broadcast/broadcast-sources.ts';
import type { SourcePreviews } from '../broadcast/source-previews.ts';
import type { Route } from '../http/router.ts';
import { answer, serve } from '../http/serve.ts';
import type { SettingsStore } from '../settings/settings-store.ts';

/** `/api/v1/sources`: what can be on the air, a look at it, and putting it there. */
export function sourceRoutes(options: {
  sources: BroadcastSources;
  previews: SourcePreviews;
  settings: Pick<SettingsStore, 'current' | 'patch'>;
}): Route[] {
  const { sources, previews, settings } = options;
  return [
    serve(listSources, () => sources.list),
    serve(takeSource, ({ params }) => sources.take(params.id)),
    serve(releaseSource, ({ params }) => sources.release(params.id)),
    serve(changeSourceControls, async ({ params: { id }, body }) => {
      const { name, controls } = sources.find(id);
      if (controls === null) {
        throw new OnairError('conflict', `Nothing of ${name} can be set.`, {
          subject: 'source',
          action: 'Choose a camera that lists its controls: onair sources.',
        });
      }
      const refusals = Object.entries(body).flatMap(([control, value]) =>
        value === null || value === undefined ? [] : (refusalOf(controls, control, value) ?? []),
      );
      if (refusals.length > 0) {
        throw new OnairError('invalid-message', `${refusals.join('; ')}.`, {
          subject: 'source',
          action: 'See what it offers: onair camera, or controls in GET /api/v1/sources.',
        });
      }
      await settings.patch({ camera: { controls: { [id]: body } } });
      return { controls: shownControls(controls, settings.current.camera.controls[id] ?? {}, []) };
    }),
    serve(getSourceSnapshot, async ({ params, query }) =>
      answer(200, await previews.still(params.id, query.width), { 'cache-control': 'no-store' }),
    ),
    serve(getSourceLevel, ({ params }) => previews.level(params.id)),
  ];
}
