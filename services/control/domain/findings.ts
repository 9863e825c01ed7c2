import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import type { Finding, FindingsBody } from '#core/protocol/endpoints/care.ts';
import type { WifiBody } from '#core/protocol/endpoints/wifi.ts';

/** Below this a picture hardly gets through. */
const weakSignalPercent = 35;

type Status = Pick<
  LinkStatusBody,
  'daemons' | 'device' | 'broadcast' | 'advancing' | 'telemetry' | 'powerConditions' | 'problems'
>;

/**
 * What is wrong with the box, or that nothing is. Heat and power are judged by `powerConditions`, which lights and
 * quality follow too.
 * @param wifi null where it is not known
 */
export function findingsOf(
  status: Status,
  wifi: Pick<WifiBody, 'accessPoint' | 'connected'> | null,
): FindingsBody {
  const findings = [
    ...ofServices(status),
    ofNetwork(status, wifi),
    ofBroadcast(status),
    ...ofBoard(status),
    ...status.problems.map(
      ({ code, message, action }): Finding => ({ level: 'problem', code, what: message, action }),
    ),
  ];
  return { healthy: findings.every(({ level }) => level !== 'problem'), findings };
}

function ofServices({ daemons }: Status): Finding[] {
  const code = 'services';
  const away = Object.entries(daemons).filter(([, { up }]) => !up);
  if (away.length === 0) return [{ level: 'ok', code, what: 'all services run', action: null }];
  return away.map(([name]) => ({
    level: 'problem',
    code,
    what: `the service ${name} is away`,
    action: `It comes back by itself. Where it does not: logs ${name} says why, reboot restarts the box.`,
  }));
}

function ofNetwork({ device }: Status, wifi: Pick<WifiBody, 'accessPoint' | 'connected'> | null): Finding {
  const join = 'Join one with wifi join NAME, or plug in an Ethernet cable.';
  if (wifi?.accessPoint)
    return {
      level: 'warning',
      code: 'own-network',
      what: `no network was found: the box has opened its own, ${wifi.accessPoint.ssid}`,
      action: join,
    };
  if (device.address === null)
    return { level: 'problem', code: 'no-network', what: 'no network', action: join };
  const { ssid, signalPercent = null } = wifi?.connected ?? {};
  if (signalPercent !== null && signalPercent < weakSignalPercent)
    return {
      level: 'warning',
      code: 'weak-wifi',
      what: `the Wi-Fi ${ssid} is weak here (${signalPercent} %)`,
      action: 'Bring the box nearer to the access point, or use an Ethernet cable.',
    };
  return { level: 'ok', code: 'network', what: `network: ${device.address}`, action: null };
}

function ofBroadcast({ broadcast, advancing }: Status): Finding {
  const { reason, state } = broadcast;
  if (reason)
    return {
      level: state === 'live' ? 'warning' : 'problem',
      code: reason.code,
      what: reason.message,
      action: reason.action,
    };
  if (state === 'live' && !advancing)
    return {
      level: 'problem',
      code: 'not-advancing',
      what: 'live, but pictures do not advance',
      action: 'stop, then live again.',
    };
  return { level: 'ok', code: 'broadcast', what: `broadcast: ${state}`, action: null };
}

function ofBoard({ telemetry, powerConditions }: Status): Finding[] {
  const { throttled, batteryPercent } = telemetry;
  const all: Record<Status['powerConditions'][number], Omit<Finding, 'code'>> = {
    'under-voltage': {
      level: 'problem',
      what: 'the power supply is too weak',
      action: 'Use a better supply, or a shorter and thicker cable.',
    },
    'too-hot': {
      level: 'warning',
      what: `the box is hot${throttled ? ' and slowed itself down' : ''}`,
      action: 'Give it air or a heat sink, or lower video.framesPerSecond or the size of the picture.',
    },
    'battery-low': {
      level: 'warning',
      what: `the battery is at ${batteryPercent} %`,
      action: 'Charge it.',
    },
  };
  return (['under-voltage', 'too-hot', 'battery-low'] as const).flatMap((code) =>
    powerConditions.includes(code) ? [{ ...all[code], code }] : [],
  );
}
