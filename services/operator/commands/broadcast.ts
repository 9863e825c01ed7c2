import { z } from 'zod';
import { broadcastState } from '#core/domain/broadcast-state.ts';
import { followStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { startBroadcast, stopBroadcast } from '#core/protocol/endpoints/broadcast.ts';
import { type CommandContext, command } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { sayPages } from './pages.ts';

/** A little longer than going live may take, so that its failure says why. */
const reachedWithinMs = 10_500;

const result = z.object({
  state: broadcastState,
  startTime: z.string().nullable(),
  /** Where to watch. */
  pages: z.array(z.string()),
});

export const liveCommand = command({
  method: 'live',
  summary: 'Go live, and say so once pictures flow',
  arguments: [],
  params: z.strictObject({}),
  result,
  run: async (_, context) => {
    await context.box.call(startBroadcast, { signal: context.signal });
    const status = await until(context, ({ broadcast }) => ['live', 'failed'].includes(broadcast.state));
    if (status.broadcast.state === 'live') return resultOf(status, context);
    const { code = 'unavailable', message = 'Going live failed.', action } = status.broadcast.reason ?? {};
    throw new CommandError(code, message, action ?? null);
  },
  show: ({ pages }) => {
    const where = sayPages(pages);
    return where === null ? 'Live.' : `Live. Watch ${where}`;
  },
});

export const stopCommand = command({
  method: 'stop',
  summary: 'Stop the broadcast',
  arguments: [],
  params: z.strictObject({}),
  result,
  run: async (_, context) => {
    await context.box.call(stopBroadcast, { signal: context.signal });
    return resultOf(await until(context, ({ broadcast }) => broadcast.state === 'offline'), context);
  },
  show: () => 'Stopped.',
});

function resultOf(status: LinkStatusBody, { pagesOf }: CommandContext): z.infer<typeof result> {
  const { state, startTime } = status.broadcast;
  return { state, startTime, pages: pagesOf(status) };
}

/** @throws CommandError where it is not reached in time; AbortError at Ctrl-C, the broadcast then goes its way */
async function until(
  { box, signal }: CommandContext,
  reached: (status: LinkStatusBody) => boolean,
): Promise<LinkStatusBody> {
  let latest: LinkStatusBody | null = null;
  let finish: (how: LinkStatusBody | Error) => void = () => {};
  const finished = new Promise<LinkStatusBody | Error>((resolve) => {
    finish = resolve;
  });
  const timer = setTimeout(() => finish(notReached(latest)), reachedWithinMs);
  const abort = (): void => finish(Object.assign(new Error('stopped'), { name: 'AbortError' }));
  signal.addEventListener('abort', abort, { once: true });
  const see = (status: LinkStatusBody): void => {
    latest = status;
    if (reached(status)) finish(status);
  };
  const lost = (): void =>
    finish(new CommandError('unavailable', 'The box’s main service went away meanwhile.', 'See status.'));
  try {
    const end = await box.follow(followStatus, see, lost);
    const how = await finished;
    end();
    if (how instanceof Error) throw how;
    return how;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function notReached(latest: LinkStatusBody | null): CommandError {
  const { state = 'not known', reason = null } = latest?.broadcast ?? {};
  return new CommandError(
    'unavailable',
    `Not reached within 10 seconds: the broadcast is ${state}.${reason ? ` ${reason.message}` : ''}`,
    reason?.action ?? 'See status, and logs.',
  );
}
