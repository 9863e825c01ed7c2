import type { Clock } from '#core/domain/clock.ts';
import { kickViewer, listViewers, type ViewerEntry } from '#core/protocol/endpoints/audience.ts';
import { reportDelay } from '#core/protocol/endpoints/watching.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Audience, WayIn } from '../domain/audience.ts';
import type { Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';

/** A page tells its delay every 10 s. */
const delayKnownForMs = 30_000;

const wayOf = (ways: readonly WayIn[]): ViewerEntry['way'] =>
  ways.some((way) => way === 'whep' || way === 'watch')
    ? 'webrtc'
    : ways.includes('hls')
      ? 'hls'
      : ways.includes('rtsp')
        ? 'rtsp'
        : 'page';

/** Who watches and how well, for operators, and shutting somebody out. */
export function audienceRoutes(options: {
  audience: Audience;
  director: Pick<BroadcastDirector, 'webrtcLoad'>;
  /** The worst of all goes into the history. */
  noteDelay: (delayMs: number) => void;
  clock: Clock;
}): Route[] {
  const { audience, director, noteDelay, clock } = options;
  const delays = new Map<string, { delayMs: number; atMs: number }>();

  const list = (): ViewerEntry[] => {
    const links = new Map(director.webrtcLoad?.viewers.map((viewer) => [viewer.user_id, viewer]));
    const nowMs = clock.monotonicMs();
    for (const [id, { atMs }] of delays) if (nowMs - atMs > delayKnownForMs) delays.delete(id);
    const viewers = audience.members.map(({ id, ways, address, sinceMs }): ViewerEntry => {
      const link = links.get(id);
      return {
        id,
        way: wayOf(ways),
        address: address === '' ? null : address.replace(/^::ffff:/, ''),
        since: new Date(sinceMs).toISOString(),
        delayMs: delays.get(id)?.delayMs ?? null,
        estimateKbps: link?.estimateKbps == null ? null : Math.round(link.estimateKbps),
        holdsTarget: link?.holdsTarget ?? false,
        keyFramesOnly: link?.keyFramesOnly ?? false,
      };
    });
    const badness = ({ keyFramesOnly, holdsTarget, delayMs }: ViewerEntry): number =>
      (keyFramesOnly ? 1e9 : 0) + (holdsTarget ? 1e8 : 0) + (delayMs ?? 0);
    return viewers.sort((one, other) => badness(other) - badness(one));
  };

  return [
    serve(listViewers, () => ({ viewers: list() })),
    serve(kickViewer, ({ params }) => {
      audience.kick(params.id);
      delays.delete(params.id);
      return undefined;
    }),
    serve(reportDelay, ({ body, viewer }) => {
      noteDelay(body.delayMs);
      if (viewer?.id && audience.has(viewer.id))
        delays.set(viewer.id, { delayMs: Math.round(body.delayMs), atMs: clock.monotonicMs() });
      return undefined;
    }),
  ];
}
