import { useState } from 'preact/hooks';
import type { z } from 'zod';
import { confirmSettings } from '#core/protocol/endpoints/settings.ts';
import {
  forgetWifi,
  getWifi,
  joinWifi,
  scanWifi,
  type wifiJoined,
  type wifiNetwork,
} from '#core/protocol/endpoints/wifi.ts';
import { callApi } from '../../page/api.ts';
import { useAct, usePolled } from '../box.ts';
import { Card, Icon, Problem, Trouble } from '../pieces.tsx';

type Network = z.infer<typeof wifiNetwork>;

/** Wi-Fi: where the box is, what there is, and joining one. */
export function WifiCard() {
  const wifi = usePolled(() => callApi(getWifi), 10_000);
  const scan = useAct();
  const join = useAct();
  const [networks, setNetworks] = useState<Network[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [joined, setJoined] = useState<z.infer<typeof wifiJoined> | null>(null);
  const { reply } = wifi;
  if (reply === null) return null;
  if (!reply.available) {
    return <Card heading="Wi-Fi" help="This box has no Wi-Fi. It uses its network cable." children={null} />;
  }
  const look = (): void =>
    void scan.act(async () => {
      const found = await callApi(scanWifi);
      setNetworks(found.networks);
    });
  const joinWith = (ssid: string, passphrase: string, hidden: boolean): void =>
    void join.act(async () => {
      const body = { ssid, hidden, ...(passphrase ? { passphrase } : {}) };
      setJoined(await callApi(joinWifi, { body }));
      setChosen(null);
      wifi.again();
    });
  return (
    <Card heading="Wi-Fi" class="stack">
      <p role="status">
        {reply.connected
          ? `Connected to ${reply.connected.ssid}${reply.connected.signalPercent === null ? '' : `, signal ${reply.connected.signalPercent} %`}.`
          : reply.accessPoint
            ? `Not connected. The box opened its own network, ${reply.accessPoint.ssid}.`
            : 'Not connected.'}
        {joined?.address && ` Now at ${joined.address}.`}
      </p>
      {reply.failure && reply.joining === null && (
        <Trouble text={`${reply.failure.message} ${reply.failure.action}`} />
      )}
      {reply.confirmBy && (
        <div class="banner" role="alert">
          <span>
            This page still reaches the box. Keep the new network, or the former one comes back in a minute.
          </span>
          <button
            type="button"
            class="button primary"
            onClick={() =>
              void join.act(async () => {
                await callApi(confirmSettings);
                wifi.again();
              })
            }
          >
            Keep it
          </button>
        </div>
      )}
      <div class="row">
        <button type="button" class="button" disabled={scan.busy} onClick={look}>
          <Icon name="wifi" />
          {scan.busy ? 'Looking …' : 'Look for networks'}
        </button>
        <button type="button" class="button" onClick={() => setChosen('')}>
          Hidden network
        </button>
      </div>
      <Problem of={scan.problem} />
      {networks && (
        <ul class="list">
          {networks.length === 0 && <li class="quiet">No network was found.</li>}
          {networks.map((network) => (
            <li key={network.ssid}>
              <span class="grow">{network.ssid}</span>
              {network.secured && <Icon name="lock" />}
              <span class="quiet small">{network.signalPercent} %</span>
              <button
                type="button"
                class="button"
                aria-label={`Join ${network.ssid}`}
                onClick={() =>
                  network.secured && !network.saved
                    ? setChosen(network.ssid)
                    : joinWith(network.ssid, '', false)
                }
              >
                Join
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
          Known:{' '}
          {reply.saved.map((ssid) => (
            <button
              key={ssid}
              type="button"
              class="button plain"
              aria-label={`Forget ${ssid}`}
              onClick={() =>
                void join.act(async () => {
                  await callApi(forgetWifi, { params: { ssid } });
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
          <label for="wifi-ssid">Name of the network</label>
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
        <label for="wifi-passphrase">{hidden ? 'Passphrase' : `Passphrase of ${props.ssid}`}</label>
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
        <span class="help">
          If this page is lost by it, the box goes back to the former network after a minute.
        </span>
      </div>
      <div class="row">
        <button type="button" class="button" onClick={props.cancel}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={props.busy}>
          {props.busy ? 'Joining …' : 'Join'}
        </button>
      </div>
    </form>
  );
}
