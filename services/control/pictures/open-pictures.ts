import { OnairError } from '#core/domain/errors.ts';
import { type PictureUse, pictureSettings, uploadPicture } from '#core/protocol/endpoints/pictures.ts';
import { maxPictureBytes } from '#core/runtime/picture-shape.ts';
import { readBytes } from '../http/body.ts';
import type { Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import { Pictures } from './pictures.ts';

/** Logo and slate as the operator sends them. */
export function openPictures(
  deps: Pick<ControlContext, 'paths' | 'logger'> & { settings: Pick<OpenSettings, 'store'> },
): { routes: Route[] } {
  const { paths, logger, settings } = deps;
  const pictures = new Pictures({ directory: paths.picturesDirectory, settings: settings.store, logger });
  return {
    routes: [
      serve(uploadPicture, async ({ params: { use }, request }) => {
        if (!isUse(use)) {
          throw new OnairError('not-found', `There is no picture called ${use}.`, {
            subject: 'picture',
            action: `Send one of these: ${Object.keys(pictureSettings).join(', ')}.`,
          });
        }
        return await pictures.keep(use, await readBytes(request, maxPictureBytes));
      }),
    ],
  };
}

const isUse = (use: string): use is PictureUse => Object.hasOwn(pictureSettings, use);
