import { listReports } from '#core/protocol/endpoints/box.ts';
import { callApi } from '../../page/api.ts';
import { usePolled } from '../box.ts';
import { ago, Card, Problem } from '../pieces.tsx';

/** What viewers complained of, with what their players know. */
export function Reports() {
  const { reply, problem } = usePolled(() => callApi(listReports), 5_000);
  const reports = reply?.reports ?? [];
  return (
    <Card heading="Reported by viewers" class="stack">
      <Problem of={problem} />
      {reports.length === 0 && <p class="quiet">Nobody has complained.</p>}
      <ul class="list">
        {reports.slice(0, 20).map(({ id, issueType, severity, description, receivedAt, clientInfo }) => (
          <li key={id}>
            <span class={`badge ${severity === 'high' ? 'live' : severity === 'medium' ? 'warn' : ''}`}>
              {issueType.replaceAll('_', ' ')}
            </span>
            <span class="grow">
              {description}
              <span class="quiet small block">
                {clientInfo.browser} on {clientInfo.os}, {clientInfo.player}, {clientInfo.network},{' '}
                {Math.round(clientInfo.bandwidthEstimateKbps / 100) / 10} Mbit/s
              </span>
            </span>
            <span class="quiet small">{ago(receivedAt)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
