import { useEffect, useState } from 'preact/hooks';
import { isOnAir } from '#core/domain/on-air.ts';
import type { ApiError } from '#core/protocol/client.ts';
import { startBroadcast, stopBroadcast } from '#core/protocol/endpoints/broadcast.ts';
import { operatedBox } from '../../page/api.ts';
import { kept } from '../../page/elements.ts';
import { type BoxStatus, useAct } from '../box.ts';

const key = 'onair.countdown';
/** What can be chosen; 0 goes live at once. */
export const countdownChoices = [0, 3, 10] as const;
const usualSeconds = 3;

/** Going live and stopping. */
export interface GoingLive {
  onAir: boolean;
  /** What is left before it goes live; null where nobody counts. */
  secondsLeft: number | null;
  /** How long it counts, kept by this browser. */
  countdownSeconds: number;
  setCountdownSeconds: (seconds: number) => void;
  busy: boolean;
  problem: ApiError | null;
  begin: () => void;
  cancel: () => void;
  stop: () => void;
}

export function useGoingLive(status: BoxStatus): GoingLive {
  const { busy, problem, act } = useAct();
  const [secondsLeft, setSecondsLeft] = useState<number | null>(null);
  const [countdownSeconds, setSeconds] = useState(() => {
    const known = Number(kept.get(key) ?? usualSeconds);
    return countdownChoices.find((choice) => choice === known) ?? usualSeconds;
  });
  const onAir = isOnAir(status.broadcast.state);
  const start = (): void => {
    setSecondsLeft(null);
    void act(() => operatedBox.call(startBroadcast));
  };
  // Somebody pressed the button of the box meanwhile.
  useEffect(() => {
    if (onAir) setSecondsLeft(null);
  }, [onAir]);
  // Each second once.
  useEffect(() => {
    if (secondsLeft === null) return;
    if (secondsLeft <= 0) return start();
    const timer = setTimeout(() => setSecondsLeft(secondsLeft - 1), 1_000);
    return () => clearTimeout(timer);
  }, [secondsLeft]);
  return {
    onAir,
    secondsLeft,
    countdownSeconds,
    setCountdownSeconds: (seconds) => {
      kept.set(key, String(seconds));
      setSeconds(countdownChoices.find((choice) => choice === seconds) ?? usualSeconds);
    },
    busy,
    problem,
    begin: () => (countdownSeconds === 0 ? start() : setSecondsLeft(countdownSeconds)),
    cancel: () => setSecondsLeft(null),
    stop: () => void act(() => operatedBox.call(stopBroadcast)),
  };
}
