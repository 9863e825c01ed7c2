import type { BoxStatus } from '../box.ts';
import { Icon, Sentences } from '../pieces.tsx';
import { clockTime, say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';
import type { Place, Verdict } from './verdict.ts';

/** One verdict in words, and the one action that fixes what is in the way. */
export function VerdictCard(props: { verdict: Verdict; status: BoxStatus; onAir: boolean }) {
  const { verdict, status, onAir } = props;
  const { level, because, place } = verdict;
  const { reason } = status.broadcast;
  return (
    <section class={`card verdict ${onAir ? airLevel(status) : level}`} aria-labelledby="verdict">
      <Icon name={reason?.code === slateHeld ? 'pause' : onAir || level === 'ready' ? 'check' : 'trouble'} />
      <div class="grow" role="status">
        <h2 id="verdict">{onAir ? airHeading(status) : say(`verdict-${level}`)}</h2>
        <p>
          {onAir ? (
            reason ? (
              <Sentences said={saidOf(reason)} />
            ) : (
              airText(status)
            )
          ) : because === null ? (
            say('readyText')
          ) : 'word' in because ? (
            say(because.word)
          ) : (
            <Sentences said={saidOf(because.reason)} />
          )}
        </p>
      </div>
      {!onAir && place && <Fix place={place} />}
    </section>
  );
}

function Fix({ place }: { place: Exclude<Place, null> }) {
  if (place === 'source' || place === 'outputs') {
    const go = (): void => {
      const target = document.getElementById(place);
      target?.scrollIntoView({ block: 'center' });
      target?.focus();
    };
    return (
      <button type="button" class="button" onClick={go}>
        {say(`fix-${place}`)}
      </button>
    );
  }
  return (
    <a class="button" href={`#${place}`}>
      {say(`fix-${place}`)}
    </a>
  );
}

/** The reason of a broadcast whose operator has the slate shown. */
export const slateHeld = 'slate-held';

const airLevel = ({ broadcast, advancing }: BoxStatus): string =>
  broadcast.state === 'live' && advancing !== false ? 'on-air' : 'almost';

function airHeading({ broadcast, advancing }: BoxStatus): string {
  if (broadcast.state === 'starting') return say('starting');
  if (broadcast.reason?.code === slateHeld) return say('slateTake');
  if (broadcast.state !== 'live' || advancing === false) return say('missing');
  return broadcast.startTime ? say('liveSince', { time: clockTime(broadcast.startTime) }) : say('live');
}

function airText({ broadcast, advancing, device }: BoxStatus): string {
  if (broadcast.state === 'starting') return say('startingText');
  if (broadcast.state !== 'live' || advancing === false) return say('missingText');
  return say('watchAt', { address: device.address ?? `http://${device.hostname}.local` });
}
