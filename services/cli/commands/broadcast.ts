import { followStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { startBroadcast, stopBroadcast } from '#core/protocol/endpoints/broadcast.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

/** A little longer than going live may take, so that its failure says why. */
const reachedWithinMs = 10_500;

/** `onair live`: goes live and returns once pictures flow. */
export async function goLive(api: LinkApi): Promise<string> {
  await api.call(startBroadcast);
  const status = await waitFor(api, ({ broadcast }) => ['live', 'failed'].includes(broadcast.state));
  if (status.broadcast.state === 'live') return 'Live.';
  const { message = 'Going live failed.', action = '' } = status.broadcast.reason ?? {};
  throw new CliError(1, `${message} ${action}`.trim());
}

/** `onair stop`: returns once nothing is on air. */
export async function stop(api: LinkApi): Promise<string> {
  await api.call(stopBroadcast);
  await waitFor(api, ({ broadcast }) => broadcast.state === 'offline');
  return 'Stopped.';
}

async function waitFor(api: LinkApi, reached: (status: LinkStatusBody) => boolean): Promise<LinkStatusBody> {
  return await new Promise((resolve, reject) => {
    let end = (): void => {};
    let finished = false;
    let latest: LinkStatusBody | null = null;
    const finish = (settle: () => void): void => {
      finished = true;
      clearTimeout(timer);
      end();
      settle();
    };
    const timer = setTimeout(() => {
      const { state = 'unknown', reason = null } = latest?.broadcast ?? {};
      const why = reason ? ` ${reason.message} ${reason.action}` : '';
      finish(() =>
        reject(new CliError(1, `Not reached within 10 seconds: the broadcast is ${state}.${why}`)),
      );
    }, reachedWithinMs);
    const see = (status: LinkStatusBody): void => {
      latest = status;
      if (reached(status)) finish(() => resolve(status));
    };
    const lost = (): void => finish(() => reject(new CliError(1, 'The box went away meanwhile.')));
    api.follow(followStatus, see, lost).then(
      (stopFollowing) => {
        end = stopFollowing;
        if (finished) end(); // the first status came before this did
      },
      (error) => finish(() => reject(error)),
    );
  });
}
