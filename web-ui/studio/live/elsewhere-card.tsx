import { pathFor } from '#core/protocol/endpoint.ts';
import { getSnapshot } from '#core/protocol/endpoints/snapshot.ts';
import { getHls } from '#core/protocol/endpoints/watching.ts';
import type { BoxStatus } from '../box.ts';
import { say } from '../say.ts';
import { Paste } from './ingest-card.tsx';

/** As HLS players know it (design.md, "Surfaces"). */
const playlistPath = pathFor(getHls, { file: 'live.m3u8' });

interface Props {
  status: BoxStatus;
  /** Watching takes a PIN. */
  pin: boolean;
  toast: (text: string) => void;
}

/** Addresses to copy into other programs that show the broadcast. */
export function ElsewhereCard({ status, pin, toast }: Props) {
  const rtspPort = status.ports?.rtsp ?? null;
  const rtsp = rtspPort === null ? null : `rtsp://${location.hostname}:${rtspPort}/live`;
  const hls = `${location.origin}${playlistPath}`;
  const still = `${location.origin}${getSnapshot.path}?width=640`;
  const programs = [
    { name: 'VLC', help: say('elsewhereVlc'), fields: [{ label: say('address'), value: rtsp ?? hls }] },
    {
      name: 'OBS',
      help: say(rtsp ? 'elsewhereObs' : 'elsewhereObsHls'),
      fields: [{ label: say('address'), value: rtsp ?? hls }],
    },
    {
      name: 'Home Assistant',
      help: say('elsewhereHome'),
      fields: [
        ...(rtsp ? [{ label: say('elsewhereStream'), value: rtsp }] : []),
        { label: say('elsewhereStill'), value: still },
      ],
    },
    { name: 'HLS', help: say('elsewhereHls'), fields: [{ label: say('address'), value: hls }] },
  ];
  return (
    <details class="card ingest" id="elsewhere">
      <summary>
        <h2>{say('elsewhere')}</h2> <span class="quiet">VLC, OBS, Home Assistant</span>
      </summary>
      <div class="stack apart">
        {pin && <p class="warns">{say('elsewherePin')}</p>}
        {programs.map(({ name, help, fields }) => (
          <section key={name} class="stack tight" aria-label={name}>
            <h3>{name}</h3>
            <p class="quiet small">{help}</p>
            {fields.map(({ label, value }) => (
              <Paste key={label} label={`${name}: ${label}`} value={value} secret={false} toast={toast} />
            ))}
          </section>
        ))}
      </div>
    </details>
  );
}
