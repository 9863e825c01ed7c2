import { useEffect, useState } from 'preact/hooks';
import { isOnAir } from '#core/domain/on-air.ts';
import { tellClock } from '#core/protocol/endpoints/clock.ts';
import { getPairing } from '#core/protocol/endpoints/operators.ts';
import { getWifi } from '#core/protocol/endpoints/wifi.ts';
import { operatedBox } from '../page/api.ts';
import { kept } from '../page/elements.ts';
import type { Toasts } from '../page/toasts.ts';
import { AirBar } from './air/air-bar.tsx';
import { useGoingLive } from './air/going-live.ts';
import { type BoxStatus, usePolled, useStatus } from './box.ts';
import { BoxTab } from './box-tab.tsx';
import { FirstRun } from './first-run.tsx';
import { KeepChange } from './keep-change.tsx';
import { LiveTab } from './live/live-tab.tsx';
import { Pairing } from './pairing.tsx';
import { PeopleTab } from './people/people-tab.tsx';
import { Icon, Trouble } from './pieces.tsx';
import { say } from './say.ts';
import type { Draft } from './settings/draft.ts';
import { SettingsTab } from './settings/settings-tab.tsx';
import { saidOf } from './words/finding-words.ts';

const tabs = ['live', 'settings', 'people', 'box'] as const;
type TabId = (typeof tabs)[number] | 'start';

/** So often is asked whether this browser still is an operator: somebody may have ended that. */
const pairingEveryMs = 10_000;
const firstRunKey = 'onair.first-run';
/** What the box is called before anybody named it. */
const nameAtFirst = 'Onair';

/** The operator's page: pairing first, then everything that the box can be told. */
export function App({ toasts }: { toasts: Toasts }) {
  const pairing = usePolled(getPairing, pairingEveryMs);
  const operator = pairing.reply?.operator;
  const { status, reachable } = useStatus(operator === true);
  return (
    <>
      <header class="top">
        <Icon name="mark" />
        <h1>{status?.device.name ?? 'Onair'}</h1>
        <a class="button plain watch" href="/">
          {say('watch')}
        </a>
      </header>
      <div role="status">
        {!reachable && (
          <p class="banner">
            <Icon name="unreachable" />
            {say('unreachable')}
          </p>
        )}
      </div>
      {operator === false && <Pairing paired={pairing.again} />}
      {operator === true && status !== null && <Operated status={status} toasts={toasts} />}
    </>
  );
}

function Operated({ status, toasts }: { status: BoxStatus; toasts: Toasts }) {
  const [tab, setTab] = useTab();
  const [draft, setDraft] = useState<Draft>({});
  const [confirmBy, setConfirmBy] = useState<string | null>(null);
  const wifi = usePolled(getWifi, 10_000);
  const going = useGoingLive(status);
  // A board that has neither a clock nor a network gets the time from its operator.
  useEffect(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const body = { unixMilliseconds: Date.now(), timeZone };
    operatedBox.call(tellClock, { body }).catch(() => {}); // the next visit tells it again
  }, []);
  const onAir = isOnAir(status.broadcast.state);
  const unnamed = status.device.name === nameAtFirst && kept.get(firstRunKey) === null;
  const endFirstRun = (): void => {
    kept.set(firstRunKey, 'done');
    location.hash = '#live';
  };
  const toast = (text: string): void => toasts.say(text);
  return (
    <>
      <nav class="tabs" aria-label={say('studio')}>
        {tabs.map((id) => (
          <a
            key={id}
            href={`#${id}`}
            aria-current={tab === id ? 'page' : undefined}
            onClick={() => setTab(id)}
          >
            {say(`tab-${id}`)}
          </a>
        ))}
      </nav>
      <main class="stack" id={tab}>
        {tab !== 'live' && tab !== 'start' && (
          <div role="status" class="stack tight">
            {status.problems?.map((problem) => (
              <Trouble key={problem.code + problem.message} said={saidOf(problem)} />
            ))}
          </div>
        )}
        {tab === 'start' && <FirstRun status={status} going={going} toast={toast} done={endFirstRun} />}
        {tab === 'live' && (
          <>
            {unnamed && !onAir && (
              <section class="card row offer">
                <p class="grow">{say('firstRunOffer')}</p>
                <button type="button" class="button plain" onClick={endFirstRun}>
                  {say('firstRunLater')}
                </button>
                <a class="button primary" href="#start">
                  {say('firstRunBegin')}
                </a>
              </section>
            )}
            <LiveTab status={status} going={going} toast={toast} />
          </>
        )}
        {tab === 'settings' && (
          <SettingsTab
            status={status}
            draft={draft}
            setDraft={setDraft}
            toast={toast}
            changed={({ confirmBy }) => setConfirmBy(confirmBy)}
          />
        )}
        {tab === 'people' && <PeopleTab status={status} toast={toast} />}
        {tab === 'box' && <BoxTab status={status} />}
      </main>
      <KeepChange
        confirmBy={confirmBy ?? wifi.reply?.confirmBy ?? null}
        ended={(keptIt) => {
          setConfirmBy(null);
          wifi.again();
          toasts.say(say(keptIt ? 'changeKept' : 'changeTakenBack'));
        }}
      />
      <AirBar status={status} going={going} />
    </>
  );
}

/** The tab that the address names, so that "back" and bookmarks work. */
function useTab(): [TabId, (tab: TabId) => void] {
  const named = (): TabId =>
    location.hash === '#start' ? 'start' : (tabs.find((id) => `#${id}` === location.hash) ?? 'live');
  const [tab, setTab] = useState<TabId>(named);
  useEffect(() => {
    const follow = (): void => setTab(named());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  });
  return [tab, setTab];
}
