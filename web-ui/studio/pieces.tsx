import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiError } from '#core/protocol/client.ts';
import { say } from './say.ts';
import { type Said, saidOf } from './words/finding-words.ts';

/** A picture of the page's sprite. */
export function Icon({ name }: { name: string }) {
  return (
    <svg aria-hidden="true">
      <use href={`#icon-${name}`} />
    </svg>
  );
}

/** A part of the studio under a heading of its own. */
export function Card(props: {
  heading: string;
  help?: string | undefined;
  class?: string;
  id?: string;
  children: ComponentChildren;
}) {
  return (
    <section class={`card ${props.class ?? ''}`} id={props.id}>
      <h2>{props.heading}</h2>
      {props.help && <p class="quiet small">{props.help}</p>}
      {props.children}
    </section>
  );
}

/** What went wrong, read aloud as it comes. */
export function Problem({ of: problem }: { of: ApiError | null }) {
  return (
    <div role="alert">{problem && <Trouble said={saidOf({ ...problem, message: problem.message })} />}</div>
  );
}

/** What is wrong, and what to do. */
export function Trouble({ said, children }: { said: Said; children?: ComponentChildren }) {
  return (
    <div class="problem">
      <Icon name="trouble" />
      <div class="grow">
        <Sentences said={said} />
        {children}
      </div>
    </div>
  );
}

/** The words of a finding, with the box's own English where only that names what is meant. */
export function Sentences({ said }: { said: Said }) {
  return (
    <>
      <span lang={said.lang}>{said.text}</span>
      {said.original && (
        <span class="small block" lang="en">
          {said.original}
        </span>
      )}
    </>
  );
}

/** Something in the middle of the page that wants an answer. Escape is the answer no. */
export function Dialog(props: { heading: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} onClose={props.onClose} aria-labelledby="dialog-heading">
      <header>
        <h2 id="dialog-heading">{props.heading}</h2>
      </header>
      {props.children}
    </dialog>
  );
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
  return (
    <Dialog heading={props.heading} onClose={props.onNo}>
      <p>{props.text}</p>
      <div class="row end">
        <button type="button" class="button" onClick={props.onNo}>
          {say('cancel')}
        </button>
        <button type="button" class={`button ${props.danger ? 'danger' : 'primary'}`} onClick={props.onYes}>
          {props.yes}
        </button>
      </div>
    </Dialog>
  );
}

/** A name and its value. */
export function Figure({ name, value, warns }: { name: string; value: string; warns?: boolean }) {
  return (
    <div class={warns ? 'warns' : ''}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
