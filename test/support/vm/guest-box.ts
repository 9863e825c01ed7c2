import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import type { GuestShell } from './guest-shell.ts';

const socket = '/run/onair/control.sock';

/** Calls the appliance's API over the link: GET, or what `method` says, with a JSON body. @throws Error where it is refused */
export async function callLink(
  shell: GuestShell,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const signal = AbortSignal.timeout(shell.within(60_000));
  const response = await send(shell, { method, path, signal }, body);
  const answer = await text(response);
  if ((response.statusCode ?? 500) >= 300)
    throw new Error(`${method} ${path}: ${response.statusCode} ${answer}`);
  return answer === '' ? null : JSON.parse(answer);
}

export async function linkStatus(shell: GuestShell): Promise<LinkStatusBody> {
  return (await callLink(shell, 'GET', '/api/v1/status')) as LinkStatusBody;
}

/** Resolves with the first status that satisfies the condition. The bound follows the machine. */
export async function untilStatus(
  shell: GuestShell,
  isWanted: (status: LinkStatusBody) => boolean,
  withinMs = 60_000,
): Promise<LinkStatusBody> {
  const signal = AbortSignal.timeout(shell.within(withinMs));
  let latest = 'none';
  while (!signal.aborted) {
    try {
      const events = await send(shell, { path: '/api/v1/events', signal });
      let rest = '';
      for await (const chunk of events.setEncoding('utf8')) {
        const whole = (rest + chunk).split('\n\n');
        rest = whole.pop() ?? '';
        for (const event of whole) {
          latest = /^data: (.*)$/m.exec(event)?.[1] ?? latest;
          if (latest === 'none') continue;
          const status = JSON.parse(latest) as LinkStatusBody;
          if (isWanted(status)) {
            events.destroy();
            return status;
          }
        }
      }
    } catch {
      // Control starts again, or the time is over.
    }
    await delay(200);
  }
  throw new Error(`the box did not come to this status; latest: ${latest}`);
}

async function send(shell: GuestShell, options: RequestOptions, body?: unknown): Promise<IncomingMessage> {
  const headers = { 'content-type': 'application/json' };
  const outgoing = request({ ...options, socketPath: await shell.forwarded(socket), headers, agent: false });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}
