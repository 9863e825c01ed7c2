import { useEffect, useState } from 'preact/hooks';
import { isOnAir } from '#core/domain/on-air.ts';
import { getPairing } from '#core/protocol/endpoints/operators.ts';
import { callApi } from '../page/api.ts';
import { usePolled, useStatus } from './box.ts';
import { BoxTab } from './box-tab.tsx';
import { LiveTab } from './live/live-tab.tsx';
import { Pairing } from './pairing.tsx';
import { PeopleTab } from './people/people-tab.tsx';
import { Icon, Trouble } from './pieces.tsx';
import { SettingsTab } from './settings/settings-tab.tsx';

const tabs = [
  { id: 'live', label: 'Live' },
  { id: 'settings', label: 'Settings' },
  { id: 'people', label: 'People' },
  { id: 'box', label: 'Box' },
] as const;
type TabId = (typeof tabs)[number]['id'];

/** So often is asked whether this browser still is an operator: somebody may have ended that. */
const pairingEveryMs = 10_000;

/** The operator's page: pairing first, then everything that the box can be told. */
export function App() {
  const pairing = usePolled(() => callApi(getPairing), pairingEveryMs);
  const { status, reachable } = useStatus(pairing.reply?.operator === true);
  const [tab, setTab] = useTab();
  const operator = pairing.reply?.operator;
  return (
    <>
      <header class="top">
        <Icon name="mark" />
        <h1>{status?.device.name ?? 'Onair'}</h1>
        {status && <StateBadge state={status.broadcast.state} advancing={status.advancing} />}
        <a class="button plain watch" href="/">
          Watch
        </a>
      </header>
      <div role="status">
        {!reachable && (
          <p class="banner">
            <Icon name="unreachable" />
            The box does not answer. This page goes on by itself as soon as it does.
          </p>
        )}
      </div>
      {operator === false && <Pairing paired={pairing.again} />}
      {operator === true && (
        <>
          <nav class="tabs" aria-label="Studio">
            {tabs.map(({ id, label }) => (
              <a
                key={id}
                href={`#${id}`}
                aria-current={tab === id ? 'page' : undefined}
                onClick={() => setTab(id)}
              >
                {label}
              </a>
            ))}
          </nav>
          <main class="stack" id={tab}>
            <div role="status">
              {status?.problems?.map(({ code, message, action }) => (
                <Trouble key={code} text={`${message} ${action}`.trim()} />
              ))}
            </div>
            {tab === 'live' && <LiveTab status={status} />}
            {tab === 'settings' && <SettingsTab live={status !== null && isOnAir(status.broadcast.state)} />}
            {tab === 'people' && <PeopleTab status={status} />}
            {tab === 'box' && <BoxTab status={status} />}
          </main>
        </>
      )}
    </>
  );
}

/** The same words as the light: live only while pictures really flow. */
function StateBadge({ state, advancing }: { state: string; advancing: boolean | undefined }) {
  if (state === 'live' && advancing !== false) return <span class="badge live">● Live</span>;
  if (state === 'live' || state === 'retrying') return <span class="badge warn">Pictures are missing</span>;
  if (state === 'starting') return <span class="badge warn">Starting</span>;
  if (state === 'stopping') return <span class="badge">Stopping</span>;
  if (state === 'failed') return <span class="badge warn">Could not go live</span>;
  return <span class="badge good">Ready</span>;
}

/** The tab that the address names, so that "back" and bookmarks work. */
function useTab(): [TabId, (tab: TabId) => void] {
  const named = (): TabId => tabs.find(({ id }) => `#${id}` === location.hash)?.id ?? 'live';
  const [tab, setTab] = useState<TabId>(named);
  useEffect(() => {
    const follow = (): void => setTab(named());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  });
  return [tab, setTab];
}
