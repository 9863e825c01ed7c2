import { rtmpTarget, srtTarget } from '#core/domain/destination.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { OutputSettings } from './destination.ts';
import { type Sender, SenderProcess } from './sender.ts';

/** The process that speaks a destination's protocol, with all that it is told. */
export function makeSender(
  settings: OutputSettings,
  { mediaSocket, logger }: { mediaSocket: string; logger: Logger },
): Sender {
  const common = { bus: mediaSocket, name: `output ${settings.id}`, base: String(settings.startedTicks) };
  const { kind, url, key, extra } = settings;
  if (kind === 'whip') {
    const program = './outputs-whip.js';
    return new SenderProcess({
      program,
      settings: { ...common, url: extra === null ? url : `${url}?${extra}`, token: key },
      logger,
    });
  }
  const program = './outputs-push';
  if (kind === 'srt') {
    const { host, port, latencyMs } = srtTarget(url);
    const own = {
      kind,
      host,
      port: String(port),
      latency: String(latencyMs),
      passphrase: key,
      streamid: extra,
    };
    return new SenderProcess({ program, settings: { ...common, ...own }, logger });
  }
  const { kind: scheme, host, port, application } = rtmpTarget(url);
  const colon = extra?.indexOf(':') ?? -1;
  const user = extra === null ? null : colon < 0 ? extra : extra.slice(0, colon);
  const password = extra === null ? null : colon < 0 ? '' : extra.slice(colon + 1);
  const own = { kind: scheme, host, port: String(port), application, stream: key, user, password };
  return new SenderProcess({ program, settings: { ...common, ...own }, logger });
}
