import { z } from 'zod';
import { getStatus } from '#core/protocol/endpoints/box.ts';
import {
  forgetWifi,
  getWifi,
  joinWifi,
  scanWifi,
  wifiBody,
  wifiJoined,
  wifiJoinRequest,
  wifiScan,
} from '#core/protocol/endpoints/wifi.ts';
import { type Argument, type CommandContext, command } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { sayPages } from './pages.ts';

const joinResult = wifiJoined.extend({
  /** Where it is now. */
  pages: z.array(z.string()),
});
type JoinResult = z.infer<typeof joinResult>;

export const wifiCommand = command({
  method: 'wifi',
  summary: 'Which Wi-Fi the box is in',
  arguments: [],
  params: z.strictObject({}),
  result: wifiBody,
  run: async (_, { box, signal }) => await box.call(getWifi, { signal }),
  show: ({ available, connected, saved, accessPoint, joining, failure }) => {
    if (!available) return 'This box has no Wi-Fi: use an Ethernet cable.';
    const strength = connected?.signalPercent == null ? '' : `, signal ${connected.signalPercent} %`;
    const lines = [connected ? `Joined: ${connected.ssid}${strength}` : 'Joined: none. Try wifi scan.'];
    if (saved.length > 0) lines.push(`Saved:  ${saved.join(', ')}`);
    if (joining) lines.push(`Joining ${joining} now.`);
    if (failure) lines.push(`The last try failed: ${failure.message} ${failure.action}`);
    if (accessPoint)
      lines.push(
        `Own network: ${accessPoint.ssid}${accessPoint.passphrase ? `, passphrase ${accessPoint.passphrase}` : ''}`,
        `Its page:    ${accessPoint.address}`,
      );
    return lines.join('\n');
  },
});

export const wifiScanCommand = command({
  method: 'wifi.scan',
  summary: 'Look for Wi-Fi networks',
  arguments: [],
  params: z.strictObject({}),
  result: wifiScan,
  run: async (_, { box, signal, progress, remember }) => {
    progress('Looking for networks...');
    const found = await box.call(scanWifi, {
      signal,
    });
    remember.ssids = found.networks.map(({ ssid }) => ssid).slice(0, 64);
    return found;
  },
  show: ({ networks }) => {
    if (networks.length === 0) return 'No network in reach. A hidden one can be joined by its name.';
    const width = Math.max(...networks.map(({ ssid }) => ssid.length));
    const lines = networks.map(
      ({ ssid, signalPercent, secured, saved }) =>
        `${ssid.padEnd(width)}  ${String(signalPercent).padStart(3)} %  ${secured ? 'protected' : 'open'}${saved ? ', saved' : ''}`,
    );
    return `${lines.join('\n')}\nJoin one with wifi join NAME.`;
  },
});

const knownSsids: Argument['choices'] = (_, { ssids }) => ssids;
const passphraseArgument = {
  name: 'passphrase',
  rest: true,
  neverTyped: true,
  asked: ({ ssid = '' }) => `Passphrase of ${ssid} (Enter where it has none): `,
} as const;

export const wifiJoinCommand = command({
  method: 'wifi.join',
  summary: 'Join a Wi-Fi network',
  details:
    'Put a name with blanks in quotes: wifi join "My network".\nThe passphrase may be left out: then it is asked for without showing it. Enter alone joins an open network.',
  arguments: [{ name: 'ssid', choices: knownSsids }, passphraseArgument],
  options: { hidden: { summary: 'The network does not show its name' } },
  params: wifiJoinRequest,
  result: joinResult,
  fromWords: ({ ssid, passphrase }) => ({ ssid, ...(passphrase ? { passphrase } : {}) }),
  isSecret: () => true,
  run: join,
  show: showJoined,
});

export const wifiHiddenCommand = command({
  method: 'wifi.hidden',
  summary: 'Join a Wi-Fi network that hides its name',
  arguments: [{ name: 'ssid' }, passphraseArgument],
  params: wifiJoinRequest.omit({ hidden: true }),
  result: joinResult,
  fromWords: ({ ssid, passphrase }) => ({ ssid, ...(passphrase ? { passphrase } : {}) }),
  isSecret: () => true,
  run: async (params, context) => await join({ ...params, hidden: true }, context),
  show: showJoined,
});

export const wifiForgetCommand = command({
  method: 'wifi.forget',
  summary: 'Forget a saved Wi-Fi network',
  arguments: [{ name: 'ssid', rest: true, choices: knownSsids }],
  params: z.strictObject({ ssid: z.string().min(1).max(32) }),
  result: z.object({ ssid: z.string() }),
  run: async ({ ssid }, { box, signal }) => {
    try {
      await box.call(forgetWifi, { params: { ssid }, signal });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'not-found')
        throw new CommandError('not-found', `${ssid} is not saved.`, 'wifi shows what is.');
      throw error;
    }
    return { ssid };
  },
  show: ({ ssid }) => `${ssid} is forgotten.`,
});

async function join(
  params: z.output<typeof wifiJoinRequest>,
  { box, signal, progress, pagesOf }: CommandContext,
): Promise<JoinResult> {
  progress(`Joining ${params.ssid}...`);
  const joined = await box.call(joinWifi, {
    body: params,
    signal,
  });
  const pages = await box.call(getStatus, { signal }).then(
    pagesOf,
    () => (joined.address === null ? [] : [joined.address]), // it is joined, whatever else is the matter
  );
  return { ...joined, pages };
}

function showJoined({ ssid, pages }: JoinResult): string {
  const where = sayPages(pages);
  return `Joined ${ssid}.${where === null ? '' : ` The page is ${where}`}`;
}
