import { useEffect, useState } from 'preact/hooks';
import type { LinkStatusBody, StatusBody } from '#core/protocol/endpoints/box.ts';
import { ApiError, callApi } from '../page/api.ts';

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
      source = new EventSource('/api/v1/events');
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

const askApi = <Reply>(path: string): Promise<Reply> => callApi('GET', path);

/**
 * An answer of the API that is asked for again and again while it is shown.
 * @param ask where the answer is no JSON; always the same function
 */
export function usePolled<Reply>(
  path: string,
  everyMs: number,
  ask: (path: string) => Promise<Reply> = askApi,
): { reply: Reply | null; problem: ApiError | null; again: () => void } {
  const [reply, setReply] = useState<Reply | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let closed = false;
    let timer: ReturnType<typeof setTimeout>;
    const poll = async (): Promise<void> => {
      try {
        const fresh = await ask(path);
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
  }, [path, everyMs, ask, turn]);
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
  return new ApiError({ status: 0, code: 'internal', message: String(error) });
}
