import { useState } from 'preact/hooks';
import { kickViewer, listViewers, type ViewerEntry } from '#core/protocol/endpoints/audience.ts';
import { operatedBox } from '../../page/api.ts';
import { type BoxStatus, useAct, usePolled } from '../box.ts';
import { Card, Confirm, Problem } from '../pieces.tsx';
import { ago, figure, say } from '../say.ts';

/** So many are shown; the worst stand first. */
const shownAtMost = 50;

/** Who watches, by which way and how late; who spoils it can be sent away for this broadcast. */
export function ViewersCard({ status, toast }: { status: BoxStatus; toast: (text: string) => void }) {
  const { viewers: count, max, peak } = status.audience;
  const { reply, problem, again } = usePolled(listViewers, 3_000);
  const [asking, setAsking] = useState<ViewerEntry | null>(null);
  const kick = useAct();
  const viewers = reply?.viewers ?? [];
  const remove = ({ id }: ViewerEntry): void => {
    setAsking(null);
    void kick.act(async () => {
      await operatedBox.call(kickViewer, { params: { id } });
      again();
      toast(say('viewerKicked'));
    });
  };
  return (
    <Card heading={say('watching')} class="stack">
      <p>
        <strong class="large">{figure(count)}</strong>{' '}
        {say('audienceText', { max: figure(max), peak: figure(peak) })}
      </p>
      <Link status={status} />
      <Problem of={problem ?? kick.problem} />
      <ul class="list">
        {viewers.slice(0, shownAtMost).map((viewer) => (
          <li key={viewer.id}>
            <span class={`badge ${viewer.keyFramesOnly ? 'warn' : ''}`}>{say(`way-${viewer.way}`)}</span>
            <span class="grow">
              {viewer.address ?? say('viewerHere')}
              <span class="quiet small block">{factsOf(viewer)}</span>
            </span>
            <span class="figure">{delayOf(viewer)}</span>
            <button
              type="button"
              class="button danger"
              disabled={kick.busy}
              onClick={() => setAsking(viewer)}
            >
              {say('viewerKick')}
              <span class="unseen"> {viewer.address}</span>
            </button>
          </li>
        ))}
      </ul>
      {viewers.length > shownAtMost && (
        <p class="quiet small">{say('viewersMore', { count: figure(viewers.length - shownAtMost) })}</p>
      )}
      {asking && (
        <Confirm
          heading={say('viewerKickHeading')}
          text={say('viewerKickText')}
          yes={say('viewerKick')}
          danger
          onYes={() => remove(asking)}
          onNo={() => setAsking(null)}
        />
      )}
    </Card>
  );
}

/** What the viewers' links do to the picture. */
function Link({ status: { webrtc } }: { status: BoxStatus }) {
  if (!webrtc) return null;
  const slow = webrtc.viewers.filter(({ holdsTarget }) => holdsTarget).length;
  return (
    <>
      {webrtc.full && <p class="warns">{say('webrtcFull')}</p>}
      {slow > 0 && (
        <p class="warns">
          {say('bitrateHeld', { bitrate: `${figure(webrtc.targetKbps / 1_000, 1)} Mbit/s` })}
        </p>
      )}
    </>
  );
}

function factsOf({ since, estimateKbps, holdsTarget, keyFramesOnly }: ViewerEntry): string {
  return [
    say('viewerSince', { when: ago(since) }),
    estimateKbps !== null && say('viewerLink', { bitrate: `${figure(estimateKbps / 1_000, 1)} Mbit/s` }),
    holdsTarget && say('viewerHolds'),
    keyFramesOnly && say('viewerKeyFrames'),
  ]
    .filter(Boolean)
    .join(' · ');
}

const delayOf = ({ delayMs }: ViewerEntry): string =>
  delayMs === null
    ? '–'
    : delayMs < 995
      ? `${figure(Math.round(delayMs / 10) * 10)} ms`
      : `${figure(delayMs / 1_000, 1)} s`;
