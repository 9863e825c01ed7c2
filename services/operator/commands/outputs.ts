import { z } from 'zod';
import { outputNamed, outputsText } from '#core/domain/output-text.ts';
import {
  addOutput,
  changeOutput,
  listOutputs,
  type OutputBody,
  outputBody,
  outputList,
  outputRequest,
  removeOutput,
} from '#core/protocol/endpoints/outputs.ts';
import { type CommandContext, command } from '../command.ts';
import { CommandError } from '../command-error.ts';

const named = z.strictObject({ output: z.string().min(1).max(64) });
const idArgument = [{ name: 'output', rest: true }] as const;

export const outputsCommand = command({
  method: 'outputs',
  summary: 'Restream destinations, and how each is doing',
  arguments: [],
  params: z.strictObject({}),
  result: outputList,
  run: async (_, { box, signal }) => await box.call(listOutputs, { signal }),
  show: ({ outputs }) => outputsText(outputs),
});

export const outputsAddCommand = command({
  method: 'outputs.add',
  summary: 'Add a destination: RTMP, RTMPS, SRT or WHIP',
  details:
    'The key is asked for without showing it where it is left out; Enter alone where the address ends in it.',
  arguments: [
    { name: 'name' },
    { name: 'url' },
    {
      name: 'key',
      rest: true,
      asked: () => 'Key (Enter where the address ends in it): ',
      neverTyped: true,
      askedWith: 'key-stdin',
    },
  ],
  options: { 'key-stdin': { summary: 'Ask for the key, or read it from standard input', shellOnly: true } },
  params: outputRequest,
  result: outputBody,
  fromWords: ({ name, url, key }) => ({ name, url, ...(key ? { key } : {}) }),
  isSecret: () => true,
  run: async (params, { box, signal }) => await box.call(addOutput, { body: params, signal }),
  show: ({ id, name }) => `${name} is added and on. Its id is ${id}.`,
});

export const outputsOnCommand = command({
  method: 'outputs.on',
  summary: 'Switch a destination on, also while live',
  arguments: idArgument,
  params: named,
  result: outputBody,
  run: async ({ output }, context) => await enable(output, true, context),
  show: ({ name }) => `${name} is on.`,
});

export const outputsOffCommand = command({
  method: 'outputs.off',
  summary: 'Switch a destination off, also while live',
  arguments: idArgument,
  params: named,
  result: outputBody,
  run: async ({ output }, context) => await enable(output, false, context),
  show: ({ name }) => `${name} is off.`,
});

export const outputsRemoveCommand = command({
  method: 'outputs.remove',
  summary: 'Remove a destination',
  arguments: idArgument,
  params: named,
  result: z.object({ name: z.string() }),
  run: async ({ output }, context) => {
    const { id, name } = await find(output, context);
    await context.box.call(removeOutput, { params: { id }, signal: context.signal });
    return { name };
  },
  show: ({ name }) => `${name} is removed.`,
});

async function enable(output: string, enabled: boolean, context: CommandContext): Promise<OutputBody> {
  const { id } = await find(output, context);
  return await context.box.call(changeOutput, { params: { id }, body: { enabled }, signal: context.signal });
}

async function find(output: string, { box, signal }: CommandContext): Promise<OutputBody> {
  const { outputs } = await box.call(listOutputs, { signal });
  const found = outputNamed(outputs, output);
  if (found) return found;
  throw new CommandError('not-found', `There is no destination ${output}.`, 'outputs shows them.');
}
