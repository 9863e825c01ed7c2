import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiError } from '#core/protocol/client.ts';

/** A picture of the page's sprite. */
export function Icon({ name }: { name: string }) {
  return (
    <svg aria-hidden="true">
      <use href={`#icon-${name}`} />
    </svg>
  );
}

/** A part of the studio under a heading of its own. */
export function Card(props: { heading: string; help?: string; class?: string; children: ComponentChildren }) {
  return (
    <section class={`card ${props.class ?? ''}`}>
      <h2>{props.heading}</h2>
      {props.help && <p class="quiet small">{props.help}</p>}
      {props.children}
    </section>
  );
}

/** What went wrong, in the box's own words, read aloud as it comes. */
export function Problem({ of: problem }: { of: ApiError | null }) {
  return <div role="alert">{problem && <Trouble text={said(problem)} />}</div>;
}

/** What is wrong, and what to do. */
export function Trouble({ text }: { text: string }) {
  return (
    <p class="problem">
      <Icon name="trouble" />
      <span>{text}</span>
    </p>
  );
}

/** A sentence for people. */
export function said({ code, message, action }: ApiError): string {
  if (code === 'unreachable') return 'The box does not answer. It may be restarting.';
  return action === null ? message : `${message} ${action}`;
}

/** Asks before something that can't be undone, or that interrupts people. */
export function Confirm(props: {
  heading: string;
  text: string;
  yes: string;
  danger?: boolean;
  onYes: () => void;
  onNo: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={props.onNo} aria-labelledby="confirm-heading">
      <header>
        <h2 id="confirm-heading">{props.heading}</h2>
      </header>
      <p>{props.text}</p>
      <div class="row end">
        <button type="button" class="button" onClick={props.onNo}>
          Cancel
        </button>
        <button type="button" class={`button ${props.danger ? 'danger' : 'primary'}`} onClick={props.onYes}>
          {props.yes}
        </button>
      </div>
    </dialog>
  );
}

/** "just now", "4 min ago", "yesterday" would need a calendar: after a day the date says it. */
export function ago(iso: string, nowMs = Date.now()): string {
  const seconds = Math.max(0, (nowMs - Date.parse(iso)) / 1_000);
  if (seconds < 45) return 'just now';
  if (seconds < 3_600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3_600)} h ago`;
  return new Date(iso).toLocaleDateString();
}
