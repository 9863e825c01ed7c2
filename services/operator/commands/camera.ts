import { z } from 'zod';
import { cameraControlName, type ShownControl, shownControl } from '#core/domain/camera.ts';
import { changeSourceControls, listSources, sourceControlsBody } from '#core/protocol/endpoints/sources.ts';
import { command } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';

export const cameraCommand = command({
  method: 'camera',
  summary: 'What can be set of a camera, and setting it',
  details:
    'SOURCE is an id of "sources". CONTROLS are NAME=VALUE, such as exposure=20000 focus=auto flip=both; default is how the camera comes.\nExposure is in µs, white balance in kelvin. A change is seen at once, also while live.',
  arguments: [{ name: 'source' }, { name: 'controls', rest: true }],
  params: z.strictObject({
    source: z.string().min(1).max(256),
    /** By name; null is the camera's default. */
    controls: sourceControlsBody.optional(),
  }),
  result: z.object({ source: z.string(), name: z.string(), controls: z.array(shownControl) }),
  fromWords: ({ source, controls }) => ({ source, ...(controls && { controls: controlsOf(controls) }) }),
  run: async ({ source, controls }, { box, signal }) => {
    const entry = (await box.call(listSources, { signal })).sources.find(({ id }) => id === source);
    if (!entry)
      throw new CommandError('not-found', `There is no source ${source} here.`, 'See the list: sources.');
    if (controls === undefined) return { source, name: entry.name, controls: entry.controls ?? [] };
    const changed = await box.call(changeSourceControls, { params: { id: source }, body: controls, signal });
    return { source, name: entry.name, ...changed };
  },
  show: ({ name, controls }) =>
    controls.length === 0 ? `Nothing of ${name} can be set.` : controls.map(line).join('\n'),
});

function controlsOf(words: string): Record<string, unknown> {
  const pairs = words.split(/\s+/).map((word): [string, unknown] => {
    const [, name = '', value = ''] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    const control = cameraControlName.safeParse(name);
    if (!control.success) {
      const names = cameraControlName.options.join(', ');
      throw usageError(`"${word}" sets nothing.`, `Write NAME=VALUE; NAME is one of ${names}.`);
    }
    if (value === 'default') return [name, null];
    return [name, /^-?\d+$/.test(value) ? Number(value) : value];
  });
  return Object.fromEntries(pairs);
}

function line({ name, range, choices, default: standard, value, refused }: ShownControl): string {
  const bounds = range ? [`${range.minimum} to ${range.maximum}`] : [];
  const said = refused ? '  not taken by the camera' : '';
  const takes = [...bounds, ...choices].join(', ');
  return `${name.padEnd(12)}  ${String(value).padEnd(10)}  ${takes} (default ${standard})${said}`;
}
