import { outputNamed, outputsText } from '#core/domain/output-text.ts';
import {
  addOutput,
  changeOutput,
  listOutputs,
  type OutputBody,
  removeOutput,
} from '#core/protocol/endpoints/outputs.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';
import { askSecret } from '../secret-line.ts';

const usage =
  'Usage: onair outputs [add NAME URL [--key-stdin] | on ID | off ID | remove ID] [--json]; ID is an id or a name';

/** `onair outputs [add NAME URL [--key-stdin] | on|off|remove ID] [--json]` */
export async function outputs(
  api: LinkApi,
  [action, first, second, ...more]: string[],
  { json, keyStdin }: { json: boolean; keyStdin: boolean },
): Promise<string> {
  if (more.length > 0) throw new CliError(2, usage);
  if (action === undefined || (action === 'list' && first === undefined)) {
    const body = await api.call(listOutputs);
    return json ? JSON.stringify(body, null, 2) : outputsText(body.outputs);
  }
  if (action === 'add' && first !== undefined && second !== undefined) {
    const key = keyStdin ? await askSecret('Key (not shown): ') : undefined;
    const made = await api.call(addOutput, {
      body: { name: first, url: second, ...(key === undefined ? {} : { key }) },
    });
    return json ? JSON.stringify(made, null, 2) : `${made.name} is added and on. Its id is ${made.id}.`;
  }
  if (first === undefined || second !== undefined) throw new CliError(2, usage);
  if (action === 'on' || action === 'off') {
    const { id, name } = await find(api, first);
    const enabled = action === 'on';
    const changed = await api.call(changeOutput, { params: { id }, body: { enabled } });
    return json ? JSON.stringify(changed, null, 2) : `${name} is ${action}.`;
  }
  if (action === 'remove') {
    const { id, name } = await find(api, first);
    await api.call(removeOutput, { params: { id } });
    return `${name} is removed.`;
  }
  throw new CliError(2, usage);
}

async function find(api: LinkApi, text: string): Promise<OutputBody> {
  const { outputs: known } = await api.call(listOutputs);
  const found = outputNamed(known, text);
  if (found) return found;
  throw new CliError(1, `There is no destination ${text}, or more than one. onair outputs lists them.`);
}
