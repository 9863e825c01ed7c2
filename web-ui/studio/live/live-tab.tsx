import { useEffect, useState } from 'preact/hooks';
import { getFindings } from '#core/protocol/endpoints/care.ts';
import { listOutputs } from '#core/protocol/endpoints/outputs.ts';
import { getSettings } from '#core/protocol/endpoints/settings.ts';
import { listSources } from '#core/protocol/endpoints/sources.ts';
import type { GoingLive } from '../air/going-live.ts';
import { type BoxStatus, usePolled } from '../box.ts';
import { valueAt } from '../settings/draft.ts';
import { AirCard } from './air-card.tsx';
import { ChatCard } from './chat-card.tsx';
import { ElsewhereCard } from './elsewhere-card.tsx';
import { Health } from './health.tsx';
import { IngestCard } from './ingest-card.tsx';
import { OutputsCard } from './outputs-card.tsx';
import { PreviewCard } from './preview-card.tsx';
import { RecordingCard } from './recording-card.tsx';
import { SoundCard } from './sound-card.tsx';
import { shownSource } from './source-picker.tsx';
import { verdictOf } from './verdict.ts';
import { VerdictCard } from './verdict-card.tsx';

interface Props {
  status: BoxStatus;
  going: GoingLive;
  toast: (text: string) => void;
}

/** What goes out, whether it can, and where to. */
export function LiveTab({ status, going, toast }: Props) {
  const settings = usePolled(getSettings, 10_000);
  const later = useLaterCards();
  const outputs = usePolled(listOutputs, 3_000);
  const findings = usePolled(getFindings, 3_000);
  const sources = usePolled(listSources, 3_000);
  const chosen = valueAt(settings.reply, 'video.source');
  const list = outputs.reply?.outputs ?? [];
  const source = shownSource(sources.reply, chosen, going.onAir);
  const verdict = verdictOf({
    findings: findings.reply?.findings ?? null,
    daemons: status.daemons ?? {},
    source,
    outputs: list,
  });
  return (
    <>
      <VerdictCard verdict={verdict} status={status} onAir={going.onAir} />
      <div class="stage">
        <PreviewCard status={status} onAir={going.onAir} source={source} secondsLeft={going.secondsLeft} />
        <AirCard status={status} going={going} settings={settings} sources={sources} toast={toast} />
      </div>
      <ChatCard toast={toast} />
      <SoundCard settings={settings} microphones={sources.reply?.microphones ?? []} />
      {later && source && <later.CameraCard key={source.id} source={source} />}
      {later && <later.OverlayCard settings={settings} />}
      <RecordingCard onAir={going.onAir} />
      <IngestCard toast={toast} />
      <OutputsCard outputs={outputs} toast={toast} />
      <ElsewhereCard
        status={status}
        pin={valueAt(settings.reply, 'viewing.access') === 'pin'}
        toast={toast}
      />
      <Health status={status} />
    </>
  );
}

/** Loaded once the rest stands: they are not what people wait for. */
function useLaterCards() {
  const [cards, setCards] = useState<typeof import('./later-cards.ts') | null>(null);
  useEffect(() => void import('./later-cards.ts').then(setCards), []);
  return cards;
}
