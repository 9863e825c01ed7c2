import { useState } from 'preact/hooks';
import { getDiagnosis, restartBox } from '#core/protocol/endpoints/care.ts';
import { listDevices } from '#core/protocol/endpoints/devices.ts';
import { callApi } from '../page/api.ts';
import { type BoxStatus, useAct, usePolled } from './box.ts';
import { Logs } from './logs.tsx';
import { ago, Card, Confirm, Icon, Problem } from './pieces.tsx';

/** The box itself: what runs, other boxes, its logs, and starting it again. */
export function BoxTab({ status }: { status: BoxStatus | null }) {
  return (
    <>
      {status && <About status={status} />}
      <Devices />
      <Logs />
      <Service />
    </>
  );
}

function About({ status: { device, daemons } }: { status: BoxStatus }) {
  return (
    <Card heading="This box" class="stack">
      <dl class="figures">
        <div>
          <dt>Name</dt>
          <dd>{device.name}</dd>
        </div>
        <div>
          <dt>Address</dt>
          <dd>{device.address ?? 'no network'}</dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>{device.version}</dd>
        </div>
      </dl>
      {daemons && (
        <p class="row">
          {Object.entries(daemons).map(([name, { up }]) => (
            <span key={name} class={`badge ${up ? 'good' : 'live'}`}>
              {name} {up ? 'runs' : 'is down'}
            </span>
          ))}
        </p>
      )}
    </Card>
  );
}

function Devices() {
  const { reply, problem } = usePolled(() => callApi(listDevices), 5_000);
  const others = (reply?.devices ?? []).filter(({ own }) => !own);
  return (
    <Card
      heading="Boxes of this hub"
      help="Other boxes that join this one, so that all can be watched here."
      class="stack"
    >
      <Problem of={problem} />
      {others.length === 0 && <p class="quiet">None. Add one with onair devices add on the box.</p>}
      <ul class="list">
        {others.map(({ id, name, online, presence, lastSeenAt }) => (
          <li key={id}>
            <span class="grow">{name}</span>
            {presence?.battery !== undefined && <span class="quiet small">battery {presence.battery} %</span>}
            {presence?.recording && <span class="badge live">on air</span>}
            <span class={`badge ${online ? 'good' : ''}`}>
              {online ? 'here' : lastSeenAt ? ago(lastSeenAt) : 'never seen'}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Service() {
  const [asking, setAsking] = useState<'box' | 'services' | null>(null);
  const { busy, problem, act } = useAct();
  const restart = (what: 'box' | 'services'): void => {
    setAsking(null);
    void act(() => callApi(restartBox, { body: { what } }));
  };
  return (
    <Card heading="Service" class="stack">
      <p class="quiet">
        The bundle holds status, settings, logs and figures, and no secrets: attach it when you ask for help.
      </p>
      <div class="row">
        <a class="button" href={getDiagnosis.path} download>
          <Icon name="save" />
          Download diagnosis
        </a>
        <button type="button" class="button" disabled={busy} onClick={() => setAsking('services')}>
          Restart the services
        </button>
        <button type="button" class="button danger" disabled={busy} onClick={() => setAsking('box')}>
          Restart the box
        </button>
      </div>
      <Problem of={problem} />
      {asking && (
        <Confirm
          heading={asking === 'box' ? 'Restart the box?' : 'Restart the services?'}
          text={
            asking === 'box'
              ? 'A broadcast ends. The box is back within a minute.'
              : 'A broadcast is interrupted for a few seconds and goes on.'
          }
          yes="Restart"
          danger
          onYes={() => restart(asking)}
          onNo={() => setAsking(null)}
        />
      )}
    </Card>
  );
}
