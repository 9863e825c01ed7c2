import { useEffect, useRef, useState } from 'preact/hooks';
import { pathFor } from '#core/protocol/endpoint.ts';
import { getSourceSnapshot } from '#core/protocol/endpoints/sources.ts';

/** Two a second is what the box gives. */
const nextAfterMs = 500;
const againAfterMs = 2_000;

/**
 * What a source shows, before it is on the air.
 * @param props.once one picture is enough, as in a list
 */
export function SourceStill(props: {
  id: string;
  width: number;
  alt: string;
  once?: boolean;
  seen?: (there: boolean) => void;
}) {
  const { id, width, alt, once, seen } = props;
  const [turn, setTurn] = useState(0);
  const [there, setThere] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // Another source begins with nothing.
  useEffect(() => {
    setThere(false);
    return () => clearTimeout(timer.current);
  }, [id]);
  const next = (came: boolean): void => {
    setThere(came);
    seen?.(came);
    if (once && came) return;
    timer.current = setTimeout(() => setTurn((before) => before + 1), came ? nextAfterMs : againAfterMs);
  };
  const source = pathFor(getSourceSnapshot, { id }, { width, at: turn });
  return (
    <img
      key={id}
      class="still"
      hidden={!there}
      src={source}
      alt={alt}
      onLoad={() => next(true)}
      onError={() => next(false)}
    />
  );
}
