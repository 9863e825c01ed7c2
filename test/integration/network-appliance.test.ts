import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { onairCommand } from '../support/command.ts';

t.setTimeout(240_000);

/** `onair` with a line of standard input. */
async function onairWith(input: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const child = spawn(...onairCommand(args), { stdio: ['pipe', 'pipe', 'pipe'] });
  const text: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => text.push(String(data)));
  child.stdin.end(`${input}\n`);
  const [code] = await once(child, 'close');
  return { code, text: text.join('') };
}

t.test('Wi-Fi by the command and over the API', async (t) => {
  const appliance = await Appliance.start();
  t.teardown(() => appliance.close());
  const state = ['--state', appliance.stateDirectory];
  const api = '/api/v1/wifi';
  const join = (passphrase: string, ...words: string[]) =>
    onairWith(passphrase, 'wifi', 'join', ...words, ...state);

  t.match((await appliance.onair('wifi', 'scan')).stdout, /^Workshop +82 % {2}protected\n/);
  t.match(await join('press the wrong one', 'Workshop'), {
    code: 1,
    text: /does not take that passphrase.*again/,
  });
  t.match(await appliance.call('GET', api), { failure: { code: 'wifi-wrong-passphrase' }, connected: null });
  t.match(await join('press the button', 'Workshop'), { code: 0, text: /^Joined Workshop/ });
  t.match(await join('hidden away', 'Backstage'), { code: 1, text: /in reach/ });
  t.match(await join('hidden away', 'Backstage', '--hidden'), { code: 0 });
  t.match(await join('no address', 'Broken Router'), { code: 1, text: /no address/ });
  t.match((await appliance.onair('wifi')).stdout, /Joined: Backstage[\s\S]*Saved: {2}Workshop, Backstage/);
  t.match(await appliance.onair('wifi', 'forget', 'Workshop'), { exitCode: 0 });
  t.match(await appliance.onair('wifi', 'forget', 'Workshop'), { exitCode: 1, stderr: /saved/ });
  t.match(await appliance.onair('wifi', 'nonsense'), { exitCode: 2 });

  for (const body of [
    {},
    { ssid: '' },
    { ssid: 'é'.repeat(20) },
    { ssid: 'Café', passphrase: 'short' },
    { ssid: 'a\0b' },
  ])
    await t.rejects(appliance.call('POST', `${api}/join`, body), /400/, JSON.stringify(body));

  const origin = await appliance.origin();
  for (const [method, path] of [
    ['GET', api],
    ['POST', `${api}/scan`],
    ['POST', `${api}/join`],
    ['DELETE', `${api}/networks/x`],
  ] as const)
    t.equal((await fetch(`${origin}${path}`, { method })).status, 401, `${method} ${path} is the operator’s`);
});
