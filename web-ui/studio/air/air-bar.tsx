import { useState } from 'preact/hooks';
import { type BoxStatus, useNow } from '../box.ts';
import { slateHeld } from '../live/verdict-card.tsx';
import { Confirm, Icon, Problem } from '../pieces.tsx';
import { figure, lasted, say } from '../say.ts';
import type { GoingLive } from './going-live.ts';

/** Always in sight, on every tab: how it stands, for how long, and the one button. */
export function AirBar({ status, going }: { status: BoxStatus; going: GoingLive }) {
  const { broadcast, audience } = status;
  const [asking, setAsking] = useState(false);
  const nowMs = useNow(going.onAir);
  const { startTime } = broadcast;
  const stop = (): void => {
    setAsking(false);
    going.stop();
  };
  return (
    <section class="air-bar" aria-label={say('onAirBar')}>
      <div class="inner">
        <Problem of={going.problem} />
        <div class="row">
          <StateBadge broadcast={broadcast} advancing={status.advancing} />
          {going.onAir && startTime && (
            <span class="figure" role="timer" aria-label={say('runningTime')}>
              {lasted((nowMs - Date.parse(startTime)) / 1_000)}
            </span>
          )}
          {going.onAir && (
            <span class="watchers small">
              <Icon name="people" />
              {say('watchingOf', { viewers: figure(audience.viewers), max: figure(audience.max) })}
            </span>
          )}
          <span class="grow" />
          <Press
            going={going}
            stopping={broadcast.state === 'stopping'}
            askStop={() => (audience.viewers === 0 ? going.stop() : setAsking(true))}
          />
        </div>
      </div>
      {asking && (
        <Confirm
          heading={say('stopHeading')}
          text={say('stopText', { viewers: figure(audience.viewers) })}
          yes={say('stop')}
          danger
          onYes={stop}
          onNo={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function Press(props: { going: GoingLive; stopping: boolean; askStop: () => void }) {
  const { going, stopping, askStop } = props;
  if (going.onAir) {
    return (
      <button type="button" class="button stop big" disabled={going.busy} onClick={askStop}>
        <Icon name="stop" />
        {say('stop')}
      </button>
    );
  }
  if (going.secondsLeft !== null) {
    return (
      <>
        <span role="timer" class="figure">
          {say('liveIn', { seconds: going.secondsLeft })}
        </span>
        <button type="button" class="button big" onClick={going.cancel}>
          {say('cancel')}
        </button>
      </>
    );
  }
  return (
    <button type="button" class="button primary big" disabled={going.busy || stopping} onClick={going.begin}>
      <Icon name="live" />
      {say('goLive')}
    </button>
  );
}

/** The same words as the light: live only while pictures really flow. */
function StateBadge(props: { broadcast: BoxStatus['broadcast']; advancing: boolean | undefined }) {
  const { broadcast, advancing } = props;
  const { state } = broadcast;
  if (broadcast.reason?.code === slateHeld) return <span class="badge warn">{say('slateTake')}</span>;
  if (state === 'live' && advancing !== false) return <span class="badge live">● {say('live')}</span>;
  if (state === 'live' || state === 'retrying') return <span class="badge warn">{say('missing')}</span>;
  if (state === 'starting') return <span class="badge warn">{say('starting')}</span>;
  if (state === 'stopping') return <span class="badge">{say('stopping')}</span>;
  if (state === 'failed') return <span class="badge warn">{say('failed')}</span>;
  return <span class="badge">{say('offAir')}</span>;
}
