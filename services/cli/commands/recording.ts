import { recordingStateText, recordingsText } from '#core/domain/recording-text.ts';
import { listRecordings, startRecording, stopRecording } from '#core/protocol/endpoints/recordings.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

/** `onair record [stop]` */
export async function record(
  api: LinkApi,
  [action, ...more]: string[],
  { json }: { json: boolean },
): Promise<string> {
  if (more.length > 0 || (action !== undefined && action !== 'stop'))
    throw new CliError(2, 'Usage: onair record [stop] [--json]');
  const state = await api.call(action === 'stop' ? stopRecording : startRecording);
  return json ? JSON.stringify(state, null, 2) : recordingStateText(state);
}

/** `onair recordings [--json]` */
export async function recordings(api: LinkApi, rest: string[], { json }: { json: boolean }): Promise<string> {
  if (rest.length > 0) throw new CliError(2, 'Usage: onair recordings [--json]');
  const body = await api.call(listRecordings);
  return json ? JSON.stringify(body, null, 2) : recordingsText(body);
}
