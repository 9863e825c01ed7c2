import { useState } from 'preact/hooks';
import { isOnAir } from '#core/domain/on-air.ts';
import { startBroadcast, stopBroadcast } from '#core/protocol/endpoints/broadcast.ts';
import { callApi } from '../../page/api.ts';
import { type BoxStatus, useAct } from '../box.ts';
import { Confirm, Icon, Problem, Trouble } from '../pieces.tsx';

/** Going live and stopping, and how it stands: the same truth as the light's. */
export function AirCard({ status }: { status: BoxStatus }) {
  const { broadcast, audience, stream } = status;
  const { busy, problem, act } = useAct();
  const [asking, setAsking] = useState(false);
  const onAir = isOnAir(broadcast.state);
  const stop = (): void => {
    setAsking(false);
    void act(() => callApi(stopBroadcast));
  };
  return (
    <section class="card stack air" aria-labelledby="air-heading">
      <h2 id="air-heading">{stream.title}</h2>
      <p class="state" role="status">
        {sentence(status)}
      </p>
      {broadcast.reason && <Trouble text={`${broadcast.reason.message} ${broadcast.reason.action}`} />}
      {onAir ? (
        <button
          type="button"
          class="button danger big"
          disabled={busy}
          onClick={() => (audience.viewers > 1 ? setAsking(true) : stop())}
        >
          <Icon name="stop" />
          Stop
        </button>
      ) : (
        <button
          type="button"
          class="button primary big"
          disabled={busy || broadcast.state === 'stopping'}
          onClick={() => void act(() => callApi(startBroadcast))}
        >
          <Icon name="live" />
          Go live
        </button>
      )}
      <Problem of={problem} />
      <dl class="figures">
        <Figure name="Watching" value={`${audience.viewers} of ${audience.max}`} />
        <Figure name="Most so far" value={String(audience.peak)} />
        <Figure name="Picture" value={`${stream.quality}, ${Math.round(stream.framesPerSecond)} fps`} />
        <Figure name="Bitrate" value={stream.bitrateKbps === null ? '–' : `${stream.bitrateKbps} kbit/s`} />
      </dl>
      {asking && (
        <Confirm
          heading="Stop the broadcast?"
          text={`${audience.viewers} are watching. They see that it is over at once.`}
          yes="Stop"
          danger
          onYes={stop}
          onNo={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function sentence({ broadcast, advancing, device }: BoxStatus): string {
  switch (broadcast.state) {
    case 'live':
      if (advancing === false) return 'On air, but pictures stand still just now.';
      return `Live${broadcast.startTime ? ` since ${clockTime(broadcast.startTime)}` : ''}. Everybody on the network can watch at ${device.address ?? `http://${device.hostname}.local`}.`;
    case 'retrying':
      return 'On air, but pictures are missing. The box keeps trying.';
    case 'starting':
      return 'Starting: the camera is being asked for pictures.';
    case 'stopping':
      return 'Stopping.';
    case 'failed':
      return 'The box is not on air.';
    default:
      return 'Ready. Nobody sees anything before you go live.';
  }
}

const clockTime = (iso: string): string =>
  new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
