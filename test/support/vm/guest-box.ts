import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import type { GuestShell } from './guest-shell.ts';

const socket = '/run/onair/control.sock';

/** Calls the appliance's API over the link inside the guest: GET, or what `method` says, with a JSON body. */
export async function callLink(
  shell: GuestShell,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const script = `
    import { request } from 'node:http';
    const outgoing = request({ socketPath: '${socket}', method: ${JSON.stringify(method)}, path: ${JSON.stringify(path)},
      headers: { 'content-type': 'application/json' } }, (response) => {
      response.pipe(process.stdout);
      response.on('end', () => { process.exitCode = response.statusCode < 300 ? 0 : 1; });
    });
    outgoing.on('error', (error) => { console.error(error.message); process.exitCode = 1; });
    outgoing.end(${body === undefined ? '' : JSON.stringify(JSON.stringify(body))});`;
  const text = await runNode(shell, script);
  return text === '' ? null : JSON.parse(text);
}

export async function linkStatus(shell: GuestShell): Promise<LinkStatusBody> {
  return (await callLink(shell, 'GET', '/api/v1/status')) as LinkStatusBody;
}

/** Resolves with the first status that satisfies the condition: JavaScript over `status`, run in the guest. The bound follows the machine. */
export async function untilStatus(
  shell: GuestShell,
  condition: string,
  withinMs = 60_000,
): Promise<LinkStatusBody> {
  const script = `
    import { get } from 'node:http';
    let latest = 'none';
    const timer = setTimeout(() => { console.error('latest status: ' + latest); process.exit(1); }, ${shell.within(withinMs)});
    const follow = () => {
      let again = false;
      const retry = () => { if (!again) { again = true; setTimeout(follow, 200); } };
      get({ socketPath: '${socket}', path: '/api/v1/events' }, (response) => {
        let rest = '';
        response.setEncoding('utf8').on('data', (text) => {
          const events = (rest + text).split('\\n\\n');
          rest = events.pop();
          for (const event of events) {
            const data = /^data: (.*)$/m.exec(event)?.[1];
            if (!data) continue;
            latest = data;
            const status = JSON.parse(data);
            if (${condition}) { console.log(data); process.exit(0); }
          }
        }).on('close', retry);
      }).on('error', retry);
    };
    follow();`;
  return JSON.parse(await runNode(shell, script, withinMs + 60_000)) as LinkStatusBody;
}

/** Runs an ES module in the guest's Node. */
export async function runNode(shell: GuestShell, source: string, withinMs = 60_000): Promise<string> {
  return await shell.run('node --input-type=module -', { input: source, withinMs });
}
