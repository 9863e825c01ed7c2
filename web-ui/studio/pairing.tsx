import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '#core/protocol/client.ts';
import { pair } from '#core/protocol/endpoints/operators.ts';
import { operatedBox } from '../page/api.ts';
import { browserOf, systemOf } from '../page/browser-name.ts';
import { useNow } from './box.ts';
import { Sentences } from './pieces.tsx';
import { PlainHttpWarning, useMoveToHttps } from './plain-http.tsx';
import { say } from './say.ts';
import { saidOf } from './words/finding-words.ts';

/** The box waits so long for its button. */
const waitSeconds = 30;

/** Becoming the operator: by the button of the box, or by a code that its own line shows. */
export function Pairing({ paired }: { paired: () => void }) {
  useMoveToHttps();
  const [name, setName] = useState(ownName);
  const asked = { name: name.trim() || ownName(), paired };
  return (
    <main class="pairing stack">
      <section class="card stack">
        <h2>{say('pairHeading')}</h2>
        <p class="quiet">{say('pairText')}</p>
        <PlainHttpWarning />
        <div class="field">
          <label for="operator-name">{say('pairName')}</label>
          <input
            id="operator-name"
            class="input"
            maxLength={64}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </div>
      </section>
      <div class="two">
        <ByButton {...asked} />
        <ByCode {...asked} />
      </div>
    </main>
  );
}

interface Asked {
  name: string;
  paired: () => void;
}

function ByButton({ name, paired }: Asked) {
  const [sinceMs, setSinceMs] = useState<number | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const trial = useRef<AbortController | null>(null);
  const nowMs = useNow(sinceMs !== null);
  useEffect(() => () => trial.current?.abort(), []);
  const waiting = sinceMs !== null;
  const seconds = waiting ? Math.max(0, Math.ceil(waitSeconds - (nowMs - sinceMs) / 1_000)) : 0;

  const wait = async (): Promise<void> => {
    const controller = new AbortController();
    trial.current = controller;
    setProblem(null);
    setSinceMs(Date.now());
    try {
      await operatedBox.call(pair, { body: { name }, signal: controller.signal });
      paired();
    } catch (error) {
      if (!controller.signal.aborted && error instanceof ApiError) setProblem(error);
    } finally {
      if (trial.current === controller) setSinceMs(null);
    }
  };
  const cancel = (): void => {
    trial.current?.abort();
    trial.current = null;
    setSinceMs(null);
  };
  return (
    <section class="card stack way">
      <ButtonPicture pressed={waiting} />
      <h2>{say('pairButton')}</h2>
      <p class="quiet">{say('pairButtonText')}</p>
      {waiting ? (
        <>
          <p class="large" role="status">
            {say('pairHold')}
          </p>
          <p class="figure" role="timer">
            {say('secondsLeft', { seconds })}
          </p>
          <button type="button" class="button" onClick={cancel}>
            {say('cancel')}
          </button>
        </>
      ) : (
        <button type="button" class="button primary" onClick={() => void wait()}>
          {say('pairWait')}
        </button>
      )}
      <Refused problem={problem} />
    </section>
  );
}

function ByCode({ name, paired }: Asked) {
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await operatedBox.call(pair, { body: { name, code } });
      paired();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error);
      setBusy(false);
    }
  };
  return (
    <section class="card stack way">
      <CodePicture />
      <h2>{say('pairCode')}</h2>
      <p class="quiet">
        {say('pairCodeText')} <kbd>pair</kbd> · <kbd>onair pair</kbd>
      </p>
      <form class="stack tight" onSubmit={(event) => void send(event)}>
        <label for="code">{say('pairCodeField')}</label>
        <div class="row">
          <input
            id="code"
            class="input code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="\d{6}"
            maxLength={6}
            required
            aria-invalid={problem !== null}
            aria-describedby="code-wrong"
            value={code}
            onInput={({ currentTarget }) => {
              setProblem(null);
              setCode(currentTarget.value.replace(/\D/g, ''));
            }}
          />
          <button type="submit" class="button" disabled={busy || code.length !== 6}>
            {say('pairNow')}
          </button>
        </div>
        <Refused id="code-wrong" problem={problem} />
      </form>
    </section>
  );
}

/** Beside what was tried. */
function Refused({ id, problem }: { id?: string; problem: ApiError | null }) {
  return (
    <div id={id} class="wrong" role="alert">
      {problem && <Sentences said={saidOf({ ...problem, message: problem.message })} />}
    </div>
  );
}

/** "Chrome on Linux": what the list of operators calls this browser, unless somebody says better. */
function ownName(): string {
  const { userAgent } = navigator;
  return say('browserOn', {
    browser: browserOf(userAgent)?.name ?? say('aBrowser'),
    system: systemOf(userAgent) ?? say('aComputer'),
  });
}

function ButtonPicture({ pressed }: { pressed: boolean }) {
  return (
    <svg
      class={`drawing ${pressed ? 'beckons' : ''}`}
      viewBox="0 0 160 100"
      role="img"
      aria-label={say('pairButtonPicture')}
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

/** Six signs that nobody takes for a code. */
function CodePicture() {
  return (
    <svg class="drawing" viewBox="0 0 160 100" role="img" aria-label={say('pairCodePicture')}>
      <rect x="56" y="18" width="84" height="54" rx="6" class="body" />
      <path d="M46 82h104" class="line" />
      <text x="98" y="51" text-anchor="middle" class="digits">
        ••• •••
      </text>
      <rect x="10" y="58" width="30" height="18" rx="4" class="body" />
      <path d="M40 67h16" class="line" />
    </svg>
  );
}
