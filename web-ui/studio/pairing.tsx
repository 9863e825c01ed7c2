import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '#core/protocol/client.ts';
import { pair } from '#core/protocol/endpoints/operators.ts';
import { callApi } from '../page/api.ts';
import { browserOf, systemOf } from '../page/browser-name.ts';
import { Problem } from './pieces.tsx';

/** Becoming the operator: by the button of the box, or by a code that its own line shows. */
export function Pairing({ paired }: { paired: () => void }) {
  const [waiting, setWaiting] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [code, setCode] = useState('');
  const closed = useRef(false);
  useEffect(() => {
    return () => {
      closed.current = true;
    };
  }, []);

  const ask = async (body: { code?: string }): Promise<void> => {
    setProblem(null);
    setWaiting(body.code === undefined);
    try {
      await callApi(pair, { body: { name: ownName(), ...body } });
      paired();
    } catch (error) {
      if (error instanceof ApiError && !closed.current) setProblem(error);
    } finally {
      if (!closed.current) setWaiting(false);
    }
  };

  return (
    <main class="pairing stack">
      <section class="card stack">
        <h2>Whoever holds the box may operate it</h2>
        <p class="quiet">
          Show that you are beside it, in either way. After that this browser stays an operator until you end
          it.
        </p>
      </section>
      <div class="two">
        <section class="card stack way">
          <ButtonPicture pressed={waiting} />
          <h2>Hold its button</h2>
          <p class="quiet">
            Choose “Wait for the button”, then hold the button of the box for 3 seconds and let go, within 30
            seconds. A short press goes live or stops, as always.
          </p>
          <button type="button" class="button primary" disabled={waiting} onClick={() => void ask({})}>
            {waiting ? 'Hold the button for 3 seconds …' : 'Wait for the button'}
          </button>
          <p class="unseen" role="status">
            {waiting ? 'Waiting for the button of the box. Hold it for 3 seconds, then let go.' : ''}
          </p>
        </section>
        <section class="card stack way">
          <CodePicture />
          <h2>Or read a code</h2>
          <p class="quiet">
            Connect the box to a computer by USB and type <kbd>pair</kbd> on its serial line, or run{' '}
            <kbd>onair pair</kbd> on the box.
          </p>
          <form
            class="row"
            onSubmit={(event) => {
              event.preventDefault();
              void ask({ code });
            }}
          >
            <label class="unseen" for="code">
              Six-digit code
            </label>
            <input
              id="code"
              class="input code"
              inputMode="numeric"
              autoComplete="one-time-code"
              pattern="\d{6}"
              maxLength={6}
              placeholder="000000"
              required
              value={code}
              onInput={({ currentTarget }) => setCode(currentTarget.value.replace(/\D/g, ''))}
            />
            <button type="submit" class="button" disabled={code.length !== 6}>
              Pair
            </button>
          </form>
        </section>
      </div>
      <Problem of={problem} />
    </main>
  );
}

/** "Chrome on Linux": what the list of operators calls this browser. */
function ownName(): string {
  const { userAgent } = navigator;
  return `${browserOf(userAgent)?.name ?? 'A browser'} on ${systemOf(userAgent) ?? 'a computer'}`;
}

function ButtonPicture({ pressed }: { pressed: boolean }) {
  return (
    <svg
      class={`drawing ${pressed ? 'beckons' : ''}`}
      viewBox="0 0 160 100"
      role="img"
      aria-label="A finger holds the button of the box"
    >
      <rect x="22" y="46" width="116" height="42" rx="9" class="body" />
      <circle cx="52" cy="66" r="10" class="lens" />
      <circle cx="52" cy="66" r="4" class="glass" />
      <circle cx="112" cy="58" r="3" class="lamp" />
      <circle cx="122" cy="58" r="3" class="lamp green" />
      <rect x="74" y="40" width="22" height="8" rx="3" class="key" />
      <path d="M85 8v22m-7-7 7 8 7-8" class="arrow" />
    </svg>
  );
}

function CodePicture() {
  return (
    <svg class="drawing" viewBox="0 0 160 100" role="img" aria-label="The box shows a code on a computer">
      <rect x="56" y="18" width="84" height="54" rx="6" class="body" />
      <path d="M46 82h104" class="line" />
      <text x="98" y="51" text-anchor="middle" class="digits">
        482 913
      </text>
      <rect x="10" y="58" width="30" height="18" rx="4" class="body" />
      <path d="M40 67h16" class="line" />
    </svg>
  );
}
