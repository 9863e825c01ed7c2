import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '#core/protocol/client.ts';
import { followStatus, type LinkStatusBody, type StatusBody } from '#core/protocol/endpoints/box.ts';

/** What an operator hears of the box: the status, with `advancing` and the daemons where the box says them. */
export type BoxStatus = StatusBody &
  Partial<Pick<LinkStatusBody, 'advancing' | 'daemons' | 'issueReports' | 'problems'>>;

const askAgainMs = 2_000;

/**
 * The box's status by server-sent events.
 * @param operator operators hear more: the events begin anew as soon as this browser is one
 * @returns null before the first one; `reachable` says whether it still holds
 */
export function useStatus(operator: boolean): { status: BoxStatus | null; reachable: boolean } {
  const [status, setStatus] = useState<BoxStatus | null>(null);
  const [reachable, setReachable] = useState(true);
  // Who listens is told by the cookie.
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

/**
 * An answer of the API that is asked for again and again while it is shown.
 * @param key what the question depends on: another one is asked at once
 */
export function usePolled<Reply>(
  ask: () => Promise<Reply>,
  everyMs: number,
  key = '',
): { reply: Reply | null; problem: ApiError | null; again: () => void } {
  const [reply, setReply] = useState<Reply | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
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
      if (!closed) timer = setTimeout(poll, everyMs);
    };
    void poll();
    return () => {
      closed = true;
      clearTimeout(timer);
    };
  }, [key, everyMs, turn]);
  return { reply, problem, again: () => setTurn((before) => before + 1) };
}

/** Something to do at the box: whether it is under way, and what went wrong the last time. */
export function useAct(): {
  busy: boolean;
  problem: ApiError | null;
  act: (work: () => Promise<unknown>) => Promise<void>;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(asApiError(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, act };
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('internal', String(error));
}
