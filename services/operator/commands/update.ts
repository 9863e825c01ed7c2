import { z } from 'zod';
import { updateText } from '#core/domain/update-text.ts';
import {
  getUpdate,
  installUpdate,
  rollBackUpdate,
  updateBody,
  updateRequest,
} from '#core/protocol/endpoints/update.ts';
import { command } from '../command.ts';

export const updateDetails =
  'It is verified, written to the other system and tried once, which restarts the box. It stays once all services, the page ' +
  'and a picture are there; else the version before is back within three minutes.';

export const updateCommand = command({
  method: 'update',
  summary: 'The version that runs, or bring the update from an address',
  details: updateDetails,
  arguments: [{ name: 'url', rest: true }],
  params: z.strictObject({ url: updateRequest.shape.url }),
  result: updateBody,
  run: async ({ url }, { box, signal }) =>
    url === undefined
      ? await box.call(getUpdate, { signal })
      : await box.call(installUpdate, { body: { url }, signal }),
  show: updateText,
});

export const updateInstallCommand = command({
  method: 'update.install',
  summary: 'Install the newer version that update.channel or a USB disk offers',
  details: updateDetails,
  arguments: [],
  params: z.strictObject({}),
  result: updateBody,
  run: async (_, { box, signal }) => await box.call(installUpdate, { body: {}, signal }),
  show: updateText,
});

export const updateRollbackCommand = command({
  method: 'update.rollback',
  summary: 'Go back to the version that was there before',
  arguments: [],
  params: z.strictObject({}),
  result: updateBody,
  run: async (_, { box, signal }) => await box.call(rollBackUpdate, { body: {}, signal }),
  show: updateText,
});
