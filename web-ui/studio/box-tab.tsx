import { useEffect, useState } from 'preact/hooks';
import { isOnAir } from '#core/domain/on-air.ts';
import { getTelemetry } from '#core/protocol/endpoints/box.ts';
import { getDiagnosis, restartBox } from '#core/protocol/endpoints/care.ts';
import { getCertificate } from '#core/protocol/endpoints/certificate.ts';
import { listDevices } from '#core/protocol/endpoints/devices.ts';
import { listSources } from '#core/protocol/endpoints/sources.ts';
import { operatedBox } from '../page/api.ts';
import { type BoxStatus, useAct, usePolled } from './box.ts';
import { sourceName } from './live/source-name.ts';
import { Logs } from './logs.tsx';
import { Card, Confirm, Figure, Icon, Problem, Sentences } from './pieces.tsx';
import { ago, bytesText, figure, lasted, say } from './say.ts';
import type { UpdateCard } from './update-card.tsx';
import { saidOf } from './words/finding-words.ts';

/** The box itself: how it does, what is plugged in, other boxes, its logs, and starting it again. */
export function BoxTab({ status }: { status: BoxStatus }) {
  const [Update, setUpdate] = useState<typeof UpdateCard | null>(null);
  // Loaded once the rest stands: few look for it.
  useEffect(() => void import('./update-card.tsx').then((card) => setUpdate(() => card.UpdateCard)), []);
  return (
    <>
      <About status={status} />
      <PluggedIn />
      {Update && <Update onAir={isOnAir(status.broadcast.state)} />}
      <Certificate />
      <Devices />
      <Logs daemons={Object.keys(status.daemons ?? {})} />
      <Service />
    </>
  );
}

function About({ status: { device, daemons } }: { status: BoxStatus }) {
  const { reply } = usePolled(getTelemetry, 5_000);
  const { temperatureCelsius, disk, memory, uptimeSeconds, processorBusyRatio } = reply ?? {};
  const free = ({ totalBytes, availableBytes }: { totalBytes: number; availableBytes: number }): string =>
    say('freeOf', { free: bytesText(availableBytes), total: bytesText(totalBytes) });
  return (
    <Card heading={say('thisBox')} class="stack">
      <dl class="figures">
        <Figure name={say('name')} value={device.name} />
        <Figure name={say('address')} value={device.address ?? say('noNetwork')} />
        <Figure name={say('version')} value={device.version} />
        <Figure
          name={say('temperature')}
          value={temperatureCelsius == null ? '–' : `${figure(temperatureCelsius)} °C`}
          warns={(temperatureCelsius ?? 0) >= 77}
        />
        <Figure
          name={say('disk')}
          value={disk ? free(disk) : '–'}
          warns={disk != null && disk.availableBytes < 300e6}
        />
        <Figure name={say('memory')} value={memory ? free(memory) : '–'} />
        <Figure
          name={say('processor')}
          value={processorBusyRatio == null ? '–' : `${figure(processorBusyRatio * 100)} %`}
        />
        <Figure name={say('uptime')} value={uptimeSeconds == null ? '–' : lasted(uptimeSeconds)} />
      </dl>
      {daemons && (
        <p class="row">
          {Object.entries(daemons).map(([name, { up }]) => (
            <span key={name} class={`badge ${up ? 'good' : 'live'}`}>
              {say(up ? 'daemonUp' : 'daemonDown', { name })}
            </span>
          ))}
        </p>
      )}
    </Card>
  );
}

/** What can show pictures, and the networks; nothing where the box does not say. */
function PluggedIn() {
  const { reply: sources } = usePolled(listSources, 5_000);
  const { reply } = usePolled(getTelemetry, 10_000);
  const networks = (reply?.network ?? []).filter(({ name }) => name !== 'lo');
  if (sources === null && networks.length === 0) return null;
  return (
    <Card heading={say('pluggedIn')} class="stack">
      <ul class="list">
        {sources?.sources.map((source) => (
          <li key={source.id}>
            <span class="grow">
              {sourceName(source)}
              {source.reason && (
                <span class="quiet small block">
                  <Sentences said={saidOf(source.reason)} />
                </span>
              )}
            </span>
            <span
              class={`badge ${source.state === 'failed' ? 'warn' : source.state === 'on-air' ? 'live' : 'good'}`}
            >
              {say(`source-${source.state}`)}
            </span>
          </li>
        ))}
        {networks.map(({ name, up, signalDbm }) => (
          <li key={name}>
            <span class="grow">{say('networkPort', { name })}</span>
            {signalDbm !== null && <span class="quiet small">{figure(signalDbm)} dBm</span>}
            <span class={`badge ${up ? 'good' : ''}`}>{say(up ? 'connected' : 'notConnected')}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Certificate() {
  const { reply } = usePolled(getCertificate, null);
  if (reply === null) return null;
  return (
    <Card heading={say('certificate')} help={say('certificateHelp')} class="stack">
      <p class="fingerprint">{reply.authority.sha256}</p>
      {reply.acme?.record && (
        <div>
          <p class="small">{say('acmeRecord', { domain: reply.acme.domain })}</p>
          <p class="fingerprint">
            {reply.acme.record.name} CNAME {reply.acme.record.value}
          </p>
        </div>
      )}
      <div>
        <a class="button" href="/trust">
          <Icon name="lock" />
          {say('trustLink')}
        </a>
      </div>
    </Card>
  );
}

function Devices() {
  const { reply, problem } = usePolled(listDevices, 5_000);
  const others = (reply?.devices ?? []).filter(({ own }) => !own);
  return (
    <Card heading={say('hubBoxes')} help={say('hubBoxesHelp')} class="stack">
      <Problem of={problem} />
      {others.length === 0 && (
        <p class="quiet">
          {say('hubNone')} <kbd>onair devices add</kbd>
        </p>
      )}
      <ul class="list">
        {others.map(({ id, name, online, presence, lastSeenAt }) => (
          <li key={id}>
            <span class="grow">{name}</span>
            {presence?.battery !== undefined && (
              <span class="quiet small">{say('batteryOf', { percent: figure(presence.battery) })}</span>
            )}
            {presence?.recording && <span class="badge live">{say('sourceOnAir')}</span>}
            <span class={`badge ${online ? 'good' : ''}`}>
              {online ? say('here') : lastSeenAt ? ago(lastSeenAt) : say('neverSeen')}
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
    void act(() => operatedBox.call(restartBox, { body: { what } }));
  };
  return (
    <Card heading={say('service')} class="stack">
      <p class="quiet">{say('diagnosisText')}</p>
      <div class="row">
        <a class="button" href={getDiagnosis.path} download>
          <Icon name="save" />
          {say('diagnosis')}
        </a>
        <button type="button" class="button" disabled={busy} onClick={() => setAsking('services')}>
          {say('restartServices')}
        </button>
        <button type="button" class="button danger" disabled={busy} onClick={() => setAsking('box')}>
          {say('restartBox')}
        </button>
      </div>
      <Problem of={problem} />
      {asking && (
        <Confirm
          heading={say(asking === 'box' ? 'restartBoxHeading' : 'restartServicesHeading')}
          text={say(asking === 'box' ? 'restartBoxText' : 'restartServicesText')}
          yes={say('restart')}
          danger
          onYes={() => restart(asking)}
          onNo={() => setAsking(null)}
        />
      )}
    </Card>
  );
}
