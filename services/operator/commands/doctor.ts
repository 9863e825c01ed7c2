import { z } from 'zod';
import { getStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { getWifi, type WifiBody } from '#core/protocol/endpoints/wifi.ts';
import { type CommandContext, command } from '../command.ts';
import { commandErrorOf } from '../command-error.ts';

const finding = z.object({
  level: z.enum(['ok', 'warning', 'problem']),
  what: z.string(),
  /** What to do about it. */
  action: z.string().nullable(),
});
type Finding = z.infer<typeof finding>;

export const doctorCommand = command({
  method: 'doctor',
  summary: 'What is wrong with the box, and what mends it',
  arguments: [],
  params: z.strictObject({}),
  result: z.object({ healthy: z.boolean(), findings: z.array(finding) }),
  run: async (_, context) => {
    const findings = await examine(context);
    return { healthy: findings.every(({ level }) => level !== 'problem'), findings };
  },
  show: ({ healthy, findings }) => {
    const words = { ok: 'ok      ', warning: 'careful ', problem: 'PROBLEM ' };
    const lines = findings.flatMap(({ level, what, action }) => [
      `${words[level]} ${what}`,
      ...(action ? [`         ${action}`] : []),
    ]);
    return [...lines, healthy ? 'The box is well.' : 'Something is to be mended.'].join('\n');
  },
});

async function examine({ box, signal }: CommandContext): Promise<Finding[]> {
  let status: LinkStatusBody;
  try {
    status = await box.call(getStatus, { signal });
  } catch (error) {
    const known = commandErrorOf(error);
    if (known === null || known.code === 'cancelled') throw error;
    return [{ level: 'problem', what: known.message, action: known.action }];
  }
  const wifi = await box.call(getWifi, { signal }).catch(() => null);
  return [
    ...ofServices(status),
    ofNetwork(status, wifi),
    ofBroadcast(status),
    ...ofBoard(status),
    ...ofSettings(status),
  ];
}

function ofServices({ daemons }: LinkStatusBody): Finding[] {
  const away = Object.entries(daemons).filter(([, { up }]) => !up);
  if (away.length === 0) return [{ level: 'ok', what: 'all services run', action: null }];
  return away.map(([name]) => ({
    level: 'problem',
    what: `the service ${name} is away`,
    action: 'It comes back by itself. Where it does not: logs says why, reboot starts all anew.',
  }));
}

function ofNetwork({ device }: LinkStatusBody, wifi: WifiBody | null): Finding {
  if (wifi?.accessPoint)
    return {
      level: 'warning',
      what: `no network was found: the box has opened its own, ${wifi.accessPoint.ssid}`,
      action: 'Join one with wifi join NAME, or plug in an Ethernet cable.',
    };
  if (device.address === null)
    return {
      level: 'problem',
      what: 'no network',
      action: 'Join one with wifi join NAME, or plug in an Ethernet cable.',
    };
  const signal = wifi?.connected?.signalPercent ?? null;
  if (signal !== null && signal < 35)
    return {
      level: 'warning',
      what: `the Wi-Fi ${wifi?.connected?.ssid} is weak here (${signal} %)`,
      action: 'Bring the box nearer to the access point, or use an Ethernet cable.',
    };
  return { level: 'ok', what: `network: ${device.address}`, action: null };
}

function ofBroadcast({ broadcast, advancing }: LinkStatusBody): Finding {
  if (broadcast.reason)
    return {
      level: broadcast.state === 'live' ? 'warning' : 'problem',
      what: broadcast.reason.message,
      action: broadcast.reason.action,
    };
  if (broadcast.state === 'live' && !advancing)
    return { level: 'problem', what: 'live, but pictures do not advance', action: 'stop, then live again.' };
  return { level: 'ok', what: `broadcast: ${broadcast.state}`, action: null };
}

function ofBoard({ telemetry, powerConditions }: LinkStatusBody): Finding[] {
  const findings: Finding[] = [];
  if (powerConditions.includes('under-voltage'))
    findings.push({
      level: 'problem',
      what: 'the power supply is too weak',
      action: 'Use a better supply, or a shorter and thicker cable.',
    });
  if (powerConditions.includes('too-hot'))
    findings.push({
      level: 'warning',
      what: `the box is hot${telemetry.throttled ? ' and slowed itself down' : ''}`,
      action: 'Give it air or a heat sink, or lower video.framesPerSecond or the size of the picture.',
    });
  if (powerConditions.includes('battery-low'))
    findings.push({
      level: 'warning',
      what: `the battery is at ${telemetry.batteryPercent} %`,
      action: 'Charge it.',
    });
  return findings;
}

/** Of what is stored, and of onair.toml on the card. */
function ofSettings({ problems }: LinkStatusBody): Finding[] {
  return problems.map(({ message, action }) => ({ level: 'problem', what: message, action }));
}
