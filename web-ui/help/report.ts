import { novaChannel } from '#core/protocol/channels/nova.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import { issueToken } from '#core/protocol/endpoints/watching.ts';
import { callApi, socketAddress } from '../page/api.ts';
import type { ClientInfo } from './facts.ts';

/** The box answers a report only where it won't have it: this long without a word, and it was taken. */
const refusalMs = 700;
const openMs = 8_000;

export const issueTypes = ['buffering', 'lag', 'quality', 'playback_error', 'other'] as const;
export type IssueType = (typeof issueTypes)[number];

export function isIssueType(text: string): text is IssueType {
  return (issueTypes as readonly string[]).includes(text);
}

export interface Issue {
  issue_type: IssueType;
  severity: 'low' | 'medium' | 'high';
  description: string;
  client_info: ClientInfo;
}

export type Reported = 'sent' | 'too-many' | 'not-sent';

/** Sends one report over Nova (nova.md, `report_issue`), with a token of its own, and hangs up. */
export async function reportIssue(streamId: string, issue: Issue): Promise<Reported> {
  try {
    const { token } = await callApi(issueToken, { params: { id: streamId }, body: {} });
    return await send(streamId, token, issue);
  } catch {
    return 'not-sent';
  }
}

function send(streamId: string, token: string, issue: Issue): Promise<Reported> {
  const path = pathFor(novaChannel, { stream_id: streamId }, { token });
  const socket = new WebSocket(socketAddress(path));
  return new Promise((resolve) => {
    const end = (reported: Reported): void => {
      clearTimeout(timer);
      socket.onclose = null;
      socket.close();
      resolve(reported);
    };
    let timer = setTimeout(() => end('not-sent'), openMs);
    let sent = false;
    socket.onclose = () => end('not-sent');
    socket.onmessage = ({ data }) => {
      const { event, data: body } = JSON.parse(String(data));
      if (event === 'connection_established') {
        socket.send(JSON.stringify({ event: 'report_issue', data: issue }));
        sent = true;
        clearTimeout(timer);
        timer = setTimeout(() => end('sent'), refusalMs);
      } else if (sent && event === 'error' && body.error_code === 'RATE_LIMITED') end('too-many');
      else if (sent && event === 'error' && body.error_code === 'PROTOCOL_ERROR') end('not-sent');
    };
  });
}
