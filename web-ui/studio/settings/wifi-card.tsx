import { useState } from 'preact/hooks';
import type { z } from 'zod';
import {
  forgetWifi,
  getWifi,
  joinWifi,
  scanWifi,
  type wifiJoined,
  type wifiNetwork,
} from '#core/protocol/endpoints/wifi.ts';
import { operatedBox } from '../../page/api.ts';
import { useAct, usePolled } from '../box.ts';
import { Card, Icon, Problem, Trouble } from '../pieces.tsx';
import { PlainHttpWarning } from '../plain-http.tsx';
import { figure, say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';

type Network = z.infer<typeof wifiNetwork>;

/** Wi-Fi: where the box is, what there is, and joining one. */
export function WifiCard() {
  const wifi = usePolled(getWifi, 10_000);
  const scan = useAct();
  const join = useAct();
  const [networks, setNetworks] = useState<Network[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [joined, setJoined] = useState<z.infer<typeof wifiJoined> | null>(null);
  const { reply } = wifi;
  if (reply === null) return null;
  if (!reply.available) {
    return <Card heading={say('wifi')} help={say('wifiNone')} children={null} />;
  }
  const look = (): void =>
    void scan.act(async () => {
      const found = await operatedBox.call(scanWifi);
      setNetworks(found.networks);
    });
  const joinWith = (ssid: string, passphrase: string, hidden: boolean): void =>
    void join.act(async () => {
      const body = { ssid, hidden, ...(passphrase ? { passphrase } : {}) };
      setJoined(await operatedBox.call(joinWifi, { body }));
      setChosen(null);
      wifi.again();
    });
  return (
    <Card heading={say('wifi')} class="stack">
      <p role="status">
        {reply.connected
          ? say('wifiIn', {
              ssid: reply.connected.ssid,
              signal: reply.connected.signalPercent === null ? '–' : figure(reply.connected.signalPercent),
            })
          : reply.accessPoint
            ? say('wifiOwn', { ssid: reply.accessPoint.ssid })
            : say('wifiNot')}
        {joined?.address && ` ${say('wifiNowAt', { address: joined.address })}`}
      </p>
      {reply.failure && reply.joining === null && <Trouble said={saidOf(reply.failure)} />}
      <div class="row">
        <button type="button" class="button" disabled={scan.busy} onClick={look}>
          <Icon name="wifi" />
          {say(scan.busy ? 'wifiLooking' : 'wifiLook')}
        </button>
        <button type="button" class="button" onClick={() => setChosen('')}>
          {say('wifiHidden')}
        </button>
      </div>
      <Problem of={scan.problem} />
      {networks && (
        <ul class="list">
          {networks.length === 0 && <li class="quiet">{say('wifiFoundNone')}</li>}
          {networks.map((network) => (
            <li key={network.ssid}>
              <span class="grow">{network.ssid}</span>
              {network.secured && <Icon name="lock" />}
              <span class="quiet small">{network.signalPercent} %</span>
              <button
                type="button"
                class="button"
                aria-label={say('wifiJoinOne', { ssid: network.ssid })}
                onClick={() =>
                  network.secured && !network.saved
                    ? setChosen(network.ssid)
                    : joinWith(network.ssid, '', false)
                }
              >
                {say('wifiJoin')}
              </button>
            </li>
          ))}
        </ul>
      )}
      {chosen !== null && (
        <JoinForm ssid={chosen} busy={join.busy} join={joinWith} cancel={() => setChosen(null)} />
      )}
      <Problem of={join.problem} />
      {reply.saved.length > 0 && (
        <p class="quiet small">
          {say('wifiKnown')}{' '}
          {reply.saved.map((ssid) => (
            <button
              key={ssid}
              type="button"
              class="button plain"
              aria-label={say('wifiForget', { ssid })}
              onClick={() =>
                void join.act(async () => {
                  await operatedBox.call(forgetWifi, { params: { ssid } });
                  wifi.again();
                })
              }
            >
              {ssid} <Icon name="close" />
            </button>
          ))}
        </p>
      )}
    </Card>
  );
}

function JoinForm(props: {
  ssid: string;
  busy: boolean;
  join: (ssid: string, passphrase: string, hidden: boolean) => void;
  cancel: () => void;
}) {
  const hidden = props.ssid === '';
  const [ssid, setSsid] = useState(props.ssid);
  const [passphrase, setPassphrase] = useState('');
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        props.join(ssid, passphrase, hidden);
      }}
    >
      {hidden && (
        <div class="field">
          <label for="wifi-ssid">{say('wifiName')}</label>
          <input
            id="wifi-ssid"
            class="input"
            required
            maxLength={32}
            value={ssid}
            onInput={({ currentTarget }) => setSsid(currentTarget.value)}
          />
        </div>
      )}
      <div class="field">
        <label for="wifi-passphrase">
          {hidden ? say('wifiPassphrase') : say('wifiPassphraseOf', { ssid: props.ssid })}
        </label>
        <input
          id="wifi-passphrase"
          class="input"
          type="password"
          autoComplete="off"
          minLength={8}
          maxLength={63}
          required={!hidden}
          value={passphrase}
          onInput={({ currentTarget }) => setPassphrase(currentTarget.value)}
        />
        <span class="help">{say('wifiSafe')}</span>
        <PlainHttpWarning />
      </div>
      <div class="row">
        <button type="button" class="button" onClick={props.cancel}>
          {say('cancel')}
        </button>
        <button type="submit" class="button primary" disabled={props.busy}>
          {say(props.busy ? 'wifiJoining' : 'wifiJoin')}
        </button>
      </div>
    </form>
  );
}
