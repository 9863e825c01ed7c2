import { listReports } from '#core/protocol/endpoints/box.ts';
import { usePolled } from '../box.ts';
import { Card, Problem } from '../pieces.tsx';
import { ago, figure, say } from '../say.ts';

/** What viewers complained of, with what their players know. */
export function Reports() {
  const { reply, problem } = usePolled(listReports, 5_000);
  const reports = reply?.reports ?? [];
  return (
    <Card heading={say('reports')} class="stack">
      <Problem of={problem} />
      {reports.length === 0 && <p class="quiet">{say('reportsNone')}</p>}
      <ul class="list">
        {reports.slice(0, 20).map(({ id, issueType, severity, description, receivedAt, clientInfo }) => (
          <li key={id}>
            <span class={`badge ${severity === 'high' ? 'live' : severity === 'medium' ? 'warn' : ''}`}>
              {say(`issue-${issueType}`)}
            </span>
            <span class="grow">
              {description}
              <span class="quiet small block">
                {clientInfo.browser}, {clientInfo.os}, {clientInfo.player}, {clientInfo.network},{' '}
                {figure(clientInfo.bandwidthEstimateKbps / 1_000, 1)} Mbit/s
              </span>
            </span>
            <span class="quiet small">{ago(receivedAt)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
