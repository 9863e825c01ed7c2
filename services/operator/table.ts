import { z } from 'zod';
import { type AnyCommand, command } from './command.ts';
import { CommandError } from './command-error.ts';
import { liveCommand, stopCommand } from './commands/broadcast.ts';
import { devicesCommand } from './commands/devices.ts';
import { doctorCommand } from './commands/doctor.ts';
import { logsCommand } from './commands/logs.ts';
import {
  outputsAddCommand,
  outputsCommand,
  outputsOffCommand,
  outputsOnCommand,
  outputsRemoveCommand,
} from './commands/outputs.ts';
import { pairCommand } from './commands/pairing.ts';
import { patchCommand } from './commands/patch.ts';
import { rebootCommand } from './commands/reboot.ts';
import { recordCommand, recordingsCommand, recordStopCommand } from './commands/recording.ts';
import { getCommand, setCommand } from './commands/settings.ts';
import { statusCommand } from './commands/status.ts';
import { subscribeCommand, unsubscribeCommand } from './commands/subscribe.ts';
import {
  wifiCommand,
  wifiForgetCommand,
  wifiHiddenCommand,
  wifiJoinCommand,
  wifiScanCommand,
} from './commands/wifi.ts';

const helpEntry = z.object({
  method: z.string(),
  usage: z.string(),
  summary: z.string(),
  details: z.string(),
});

const helpCommand = command({
  method: 'help',
  summary: 'This list, or more of one command',
  arguments: [{ name: 'command', rest: true }],
  params: z.strictObject({ command: z.string().max(64).optional() }),
  result: z.object({ commands: z.array(helpEntry) }),
  run: async ({ command: name }) => {
    const method = name?.trim().replaceAll(/\s+/g, '.');
    const shown = commands.filter(
      (one) => !one.programsOnly && (!method || one.method === method || one.method.startsWith(`${method}.`)),
    );
    if (shown.length === 0)
      throw new CommandError('not-found', `There is no command ${name}.`, 'help shows them all.');
    return {
      commands: shown.map((one) => ({
        method: one.method,
        usage: usageOf(one),
        summary: one.summary,
        details: one.details ?? '',
      })),
    };
  },
  show: ({ commands: shown }) => {
    const width = Math.max(...shown.map(({ usage }) => usage.length));
    const lines = shown.map(({ usage, summary }) => `${usage.padEnd(width)}  ${summary}`);
    const details = shown.length === 1 ? shown.flatMap((one) => (one.details ? [one.details] : [])) : [];
    const keys = 'Tab completes, the arrow keys bring back what was typed, Ctrl-C stops a command.';
    return [...lines, ...details, ...(shown.length > 8 ? [keys] : [])].join('\n');
  },
});

/** All commands of the line, in the order of the help. */
export const commands: readonly AnyCommand[] = [
  statusCommand,
  liveCommand,
  stopCommand,
  getCommand,
  setCommand,
  wifiCommand,
  wifiScanCommand,
  wifiJoinCommand,
  wifiHiddenCommand,
  wifiForgetCommand,
  outputsCommand,
  outputsAddCommand,
  outputsOnCommand,
  outputsOffCommand,
  outputsRemoveCommand,
  recordCommand,
  recordStopCommand,
  recordingsCommand,
  pairCommand,
  devicesCommand,
  logsCommand,
  doctorCommand,
  rebootCommand,
  helpCommand,
  patchCommand,
  subscribeCommand,
  unsubscribeCommand,
];

/** "wifi join SSID [PASSPHRASE]" */
export function usageOf({ method, arguments: names, params }: AnyCommand): string {
  const shape = params instanceof z.ZodObject ? params.shape : {};
  const words = names.map(({ name, asked }) => {
    const schema: unknown = shape[name];
    const optional =
      asked !== undefined || (schema instanceof z.ZodType && schema.safeParse(undefined).success);
    return optional ? `[${name.toUpperCase()}]` : name.toUpperCase();
  });
  return [method.replaceAll('.', ' '), ...words].join(' ');
}
