import { useEffect, useRef, useState } from 'preact/hooks';
import { readLogs } from '#core/protocol/endpoints/care.ts';
import { readLines } from '../page/api.ts';
import { usePolled } from './box.ts';
import { Card } from './pieces.tsx';

const lines = 200;
const everyMs = 4_000;

/** The latest of what the daemons say, the newest last. */
export function Logs() {
  const [daemon, setDaemon] = useState('');
  const query = { lines, ...(daemon ? { daemon } : {}) };
  const { reply, problem } = usePolled(() => readLines(readLogs, { query }), everyMs, daemon);
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // New lines are followed, unless somebody reads further up.
  useEffect(() => {
    if (atEnd.current) list.current?.scrollTo(0, list.current.scrollHeight);
  }, [reply]);
  const followed = ({ currentTarget }: { currentTarget: HTMLDivElement }): void => {
    const { scrollTop, scrollHeight, clientHeight } = currentTarget;
    atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
  };
  return (
    <Card heading="Logs" class="stack">
      <div class="row">
        <label for="log-daemon">Of</label>
        <select
          id="log-daemon"
          class="input short"
          value={daemon}
          onChange={({ currentTarget }) => setDaemon(currentTarget.value)}
        >
          <option value="">all</option>
          {['control', 'media', 'egress', 'panel', 'console'].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      {problem && <p class="quiet">The logs cannot be read just now.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div class="log" role="log" aria-label="Log lines" tabIndex={0} ref={list} onScroll={followed}>
        {(reply ?? []).map(({ at, daemon: who, level, message }, index) => (
          <p key={`${at}-${index}`} class={level}>
            <time dateTime={at}>{at.slice(11, 19)}</time> <span class="quiet">{who}</span> {message}
          </p>
        ))}
      </div>
    </Card>
  );
}
