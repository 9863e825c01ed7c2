import { execFile } from 'node:child_process';
import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { connected } from '../connected.ts';
import { type Context, describe } from '../context.ts';
import type { HttpAnswer } from '../http-client.ts';
import { both, expect, Failed, NotApplicable, type Requirement } from '../requirement.ts';

const commandTimeoutMs = 10_000;
/** From the command on; the whole check has 55 s. */
const backTimeoutMs = 35_000;
const askEveryMs = 250;

export const requirement: Requirement = {
  id: 'life-server-restart',
  group: 'life',
  kinds: both,
  section: 'RFC 9110, 15.5.5',
  level: 'SHOULD',
  requirement:
    'After a restart of the server an old session is unknown (404, 410) or was kept (2xx), and a new one connects.',
  alone: true,
  async check(context) {
    const { restartCommand } = context;
    if (restartCommand === null) throw new NotApplicable('--restart-command says how to restart this server');
    const { session } = await connected(context, datachannelPeer);
    await runInShell(restartCommand);
    const untilMs = performance.now() + backTimeoutMs;
    const old = await untilAnswered(untilMs, () => session.end());
    const isKnown = old.status >= 200 && old.status < 300;
    expect(isKnown || [404, 410].includes(old.status), `DELETE of the old session: ${describe(old)}`);
    const peer = await untilConnected(untilMs, context);
    return `the old session: ${old.status}, a new one: ${peer}`;
  },
};

/** @throws Error of the last try */
async function untilAnswered(untilMs: number, ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  return await again(untilMs, async () => {
    const answer = await ask();
    if (answer.status >= 500) throw new Failed(`DELETE of the old session: ${describe(answer)}`);
    return answer;
  });
}

async function untilConnected(untilMs: number, context: Context): Promise<string> {
  return await again(untilMs, async () => (await connected(context, datachannelPeer)).peer.state);
}

/** Tries until it goes, as long as a server may take to be back. @throws the last try's error */
async function again<Value>(untilMs: number, attempt: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
  }
}

/** @throws NotApplicable where it fails: then nothing is known of the server */
function runInShell(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', command], { timeout: commandTimeoutMs }, (error, _, stderr) => {
      if (error === null) resolve();
      else reject(new NotApplicable(`the restart command failed: ${stderr.trim() || error.message}`));
    });
  });
}
