import { useEffect, useRef, useState } from 'preact/hooks';
import { type AnswerOf, ApiError, type CallOf } from '#core/protocol/client.ts';
import type { Endpoint } from '#core/protocol/endpoint.ts';
import { followStatus, type LinkStatusBody, type StatusBody } from '#core/protocol/endpoints/box.ts';
import { operatedBox } from '../page/api.ts';

/** What the box tells this browser: the status, and what only operators hear, once it is one. */
export type BoxStatus = StatusBody & Partial<Omit<LinkStatusBody, keyof StatusBody>>;

const askAgainMs = 2_000;

/**
 * The box's status by server-sent events.
 * @param operator operators hear more: the events begin again as soon as this browser is one
 * @returns null before the first one; `reachable` says whether it still holds
 */
export function useStatus(operator: boolean): { status: BoxStatus | null; reachable: boolean } {
  const [status, setStatus] = useState<BoxStatus | null>(null);
  const [reachable, setReachable] = useState(true);
  // The cookie says who listens.
  useEffect(() => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout>;
    const open = (): void => {
      source = new EventSource(followStatus.path);
      source.addEventListener('status', ({ data }) => {
        setStatus(JSON.parse(data) as BoxStatus);
        setReachable(true);
      });
      source.onerror = () => {
        setReachable(false);
        source.close(); // the browser's own pace grows long: the box is back within a second
        timer = setTimeout(open, askAgainMs);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [operator]);
  return { status, reachable };
}

export interface Polled<Reply> {
  /** The newest answer; null before the first. */
  reply: Reply | null;
  problem: ApiError | null;
  again: () => void;
}

/**
 * An answer that is asked for again and again while it is shown.
 * @param key another one begins at once
 * @param everyMs null asks once
 */
export function usePolling<Reply>(
  key: string,
  everyMs: number | null,
  ask: () => Promise<Reply>,
): Polled<Reply> {
  const [reply, setReply] = useState<Reply | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  // Another key is another question.
  useEffect(() => {
    let closed = false;
    let timer: ReturnType<typeof setTimeout>;
    const poll = async (): Promise<void> => {
      try {
        const fresh = await latest.current();
        if (closed) return;
        setReply(fresh);
        setProblem(null);
      } catch (error) {
        if (!closed) setProblem(asApiError(error));
      }
      if (!closed && everyMs !== null) timer = setTimeout(poll, everyMs);
    };
    void poll();
    return () => {
      closed = true;
      clearTimeout(timer);
    };
  }, [key, everyMs, turn]);
  return { reply, problem, again: () => setTurn((before) => before + 1) };
}

/** The same for an endpoint of the API. */
export function usePolled<E extends Endpoint>(
  endpoint: E,
  everyMs: number | null,
  ...[call]: Record<never, never> extends CallOf<E> ? [call?: CallOf<E>] : [call: CallOf<E>]
): Polled<AnswerOf<E, 'operator'>> {
  const key = `${endpoint.path} ${JSON.stringify(call ?? null)}`;
  return usePolling(key, everyMs, () => operatedBox.call(endpoint, ...([call] as never)));
}

/** Something to do at the box: whether it is under way, and what went wrong the last time. */
export function useAct(): {
  busy: boolean;
  problem: ApiError | null;
  /** Resolves with whether it was done. */
  act: (work: () => Promise<unknown>) => Promise<boolean>;
  forget: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const act = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(asApiError(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, act, forget: () => setProblem(null) };
}

/** The time, every second while somebody needs it. */
export function useNow(running: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    if (!running) return;
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return nowMs;
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError('internal', String(error));
}
