import { useEffect } from 'preact/hooks';
import { confirmSettings } from '#core/protocol/endpoints/settings.ts';
import { operatedBox } from '../page/api.ts';
import { useAct, useNow } from './box.ts';
import { Dialog, Problem } from './pieces.tsx';
import { say } from './say.ts';

/**
 * A change that the box takes back unless somebody who still reaches it says so.
 * @param props.confirmBy until when; null where nothing waits
 */
export function KeepChange(props: { confirmBy: string | null; ended: (kept: boolean) => void }) {
  const { confirmBy, ended } = props;
  const nowMs = useNow(confirmBy !== null);
  const { busy, problem, act } = useAct();
  const seconds = confirmBy === null ? 0 : Math.ceil((Date.parse(confirmBy) - nowMs) / 1_000);
  const over = confirmBy !== null && seconds <= 0;
  // Once, when it is over.
  useEffect(() => {
    if (over) ended(false);
  }, [over]);
  if (confirmBy === null || over) return null;
  const keep = (): void =>
    void act(async () => {
      await operatedBox.call(confirmSettings);
      ended(true);
    });
  return (
    <Dialog heading={say('keepHeading')} onClose={() => {}}>
      <div class="stack">
        <p>{say('keepText')}</p>
        <p role="timer" class="large figure">
          {say('secondsLeft', { seconds })}
        </p>
        <Problem of={problem} />
        <div class="row end">
          <button type="button" class="button primary" disabled={busy} onClick={keep}>
            {say('keepIt')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
