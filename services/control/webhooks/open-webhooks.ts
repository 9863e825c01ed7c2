import type { Closable } from '#core/runtime/daemon.ts';
import type { Domain } from '../domain/open-domain.ts';
import type { OpenOutputs } from '../outputs/open-outputs.ts';
import type { OpenRecordings } from '../recordings/open-recordings.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { Webhooks } from './webhooks.ts';

/** Tells programs elsewhere of what happens. A hook that fails is a problem that is reported, and nothing more. */
export function openWebhooks(
  deps: Pick<ControlContext, 'clock' | 'logger'> & {
    start: Pick<Start, 'optional'>;
    settings: Pick<OpenSettings, 'current' | 'watch'>;
    domain: Pick<Domain, 'broadcast'>;
    outputs: Pick<OpenOutputs, 'outputs'>;
    recordings: Pick<OpenRecordings, 'recordings'>;
  },
): Closable {
  const { clock, logger, start, settings, domain } = deps;
  const webhooks = new Webhooks({
    settings: settings.current,
    broadcast: domain.broadcast,
    outputs: deps.outputs.outputs,
    recordings: deps.recordings.recordings,
    clock,
    logger,
    report: (problem) => start.optional.report('webhooks', problem),
  });
  webhooks.start();
  settings.watch('webhooks.', () => webhooks.applySettings());
  return webhooks;
}
