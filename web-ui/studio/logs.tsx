import { useEffect, useRef, useState } from 'preact/hooks';
import { type LogLine, readLogs } from '#core/protocol/endpoints/care.ts';
import { operatedBox } from '../page/api.ts';
import { usePolling } from './box.ts';
import { Card } from './pieces.tsx';
import { say } from './say.ts';

const lines = 200;
const everyMs = 4_000;

/**
 * The latest of what the daemons say, the newest last.
 * @param props.daemons their names
 */
export function Logs({ daemons }: { daemons: readonly string[] }) {
  const [daemon, setDaemon] = useState('');
  const { reply, problem } = usePolling(`logs ${daemon}`, everyMs, () => readLines(daemon || null));
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
    <Card heading={say('logs')} class="stack">
      <div class="row">
        <label for="log-daemon">{say('logsOf')}</label>
        <select
          id="log-daemon"
          class="input short"
          value={daemon}
          onChange={({ currentTarget }) => setDaemon(currentTarget.value)}
        >
          <option value="">{say('logsAll')}</option>
          {daemons.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      {problem && <p class="quiet">{say('logsNone')}</p>}
      <div
        class="log"
        role="log"
        lang="en"
        aria-label={say('logLines')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        ref={list}
        onScroll={followed}
      >
        {(reply ?? []).map(({ at, daemon: who, level, message }, index) => (
          <p key={`${at}-${index}`} class={level}>
            <time dateTime={at}>{at.slice(11, 19)}</time> <span class="quiet">{who}</span> {message}
          </p>
        ))}
      </div>
    </Card>
  );
}

async function readLines(daemon: string | null): Promise<LogLine[]> {
  const read: LogLine[] = [];
  await operatedBox.lines(readLogs, { query: { lines, ...(daemon ? { daemon } : {}) } }, (line) =>
    read.push(line),
  );
  return read;
}
