import { useEffect, useRef, useState } from 'preact/hooks';
import { getIngest } from '#core/protocol/endpoints/ingest.ts';
import { usePolled } from '../box.ts';
import { Dialog, Sentences } from '../pieces.tsx';
import { ago, say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';

/** Where phones, OBS and encoders publish to: addresses to paste or to scan, and who does just now. */
export function IngestCard({ toast }: { toast: (text: string) => void }) {
  const { reply } = usePolled(getIngest, 5_000);
  const [shown, setShown] = useState<string | null>(null);
  if (reply === null) return null;
  const { rtmp, srt, whip } = reply;
  const ways = [
    rtmp && {
      name: 'RTMP',
      ...rtmp,
      fields: [
        { label: say('ingestServer'), value: rtmp.server },
        { label: say('ingestKey'), value: rtmp.key, secret: true },
      ],
    },
    srt && { name: 'SRT', ...srt, fields: [{ label: say('address'), value: srt.url, secret: true }] },
    whip && {
      name: 'WHIP',
      ...whip,
      fields: [
        { label: say('address'), value: whip.url },
        { label: say('ingestToken'), value: whip.token, secret: true },
      ],
    },
  ].filter((way) => way !== null);
  if (ways.length === 0) return null;
  return (
    <details class="card ingest">
      <summary>
        <h2>{say('ingest')}</h2>{' '}
        <span class="quiet">
          {ways
            .filter(({ publisher }) => publisher !== null)
            .map(({ name }) => say('ingestPublishes', { name }))
            .join(' · ') || say('ingestHelp')}
        </span>
      </summary>
      <div class="stack apart">
        {ways.map(({ name, url, publisher, reason, fields }) => (
          <section key={name} class="stack tight" aria-label={name}>
            <h3>
              {name}{' '}
              {publisher && (
                <span class="badge good">
                  {say('ingestFrom', { address: publisher.address, when: ago(publisher.since) })}
                </span>
              )}
            </h3>
            {reason && (
              <p class="small wrong">
                <Sentences said={saidOf(reason)} />
              </p>
            )}
            {fields.map(({ label, value, secret }) => (
              <Paste
                key={label}
                label={`${name}: ${label}`}
                value={value}
                secret={secret === true}
                toast={toast}
              />
            ))}
            <div>
              <button type="button" class="button" onClick={() => setShown(url)}>
                {say('ingestCode')}
                <span class="unseen"> {name}</span>
              </button>
            </div>
          </section>
        ))}
      </div>
      {shown !== null && (
        <Dialog heading={say('ingestCode')} onClose={() => setShown(null)}>
          <p>{say('ingestCodeText')}</p>
          <Code text={shown} />
          <div class="row end">
            <button type="button" class="button" onClick={() => setShown(null)}>
              {say('close')}
            </button>
          </div>
        </Dialog>
      )}
    </details>
  );
}

/** A value to copy; a key is shown only when asked for: somebody may look over the shoulder. */
export function Paste(props: {
  label: string;
  value: string;
  secret: boolean;
  toast: (text: string) => void;
}) {
  const { label, value, secret, toast } = props;
  const [open, setOpen] = useState(!secret);
  const input = useRef<HTMLInputElement>(null);
  const id = `paste-${label.replaceAll(/\W+/g, '-')}`;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // Without HTTPS there is no clipboard to write to.
      if (input.current) input.current.type = 'text';
      input.current?.select();
      document.execCommand('copy');
      if (!open && input.current) input.current.type = 'password';
    }
    toast(say('copied'));
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="row nowrap">
        <input
          ref={input}
          id={id}
          class="input"
          dir="ltr"
          readOnly
          autoComplete="off"
          {...(open ? { type: 'text' as const } : { type: 'password' as const })}
          value={value}
        />
        {secret && (
          <button type="button" class="button" aria-pressed={open} onClick={() => setOpen(!open)}>
            {say(open ? 'hide' : 'show')}
            <span class="unseen"> {label}</span>
          </button>
        )}
        <button type="button" class="button" onClick={() => void copy()}>
          {say('copy')}
          <span class="unseen"> {label}</span>
        </button>
      </div>
    </div>
  );
}

function Code({ text }: { text: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Fetched only where somebody wants one.
    void import('../../share/qr-code.ts').then(({ qrCode }) => {
      place.current?.replaceChildren(qrCode(text, say('ingestCode')));
    });
  }, [text]);
  return <div ref={place} class="code" />;
}
