import { icon, make } from './elements.ts';

/**
 * Opens a dialog of its own: focus goes into it and back to where it was, Escape, the cross and a press beside it
 * close it, and then it is gone.
 * @param options.closeLabel what the cross is called
 * @returns closes it
 */
export function openDialog(options: {
  heading: string;
  closeLabel: string;
  content: readonly (Node | string)[];
  closed?: () => void;
}): () => void {
  const headingId = `dialog-${document.querySelectorAll('dialog').length}-heading`;
  const cross = make('button', {
    type: 'button',
    class: 'button round plain',
    'aria-label': options.closeLabel,
  });
  cross.append(icon('close'));
  const dialog = make(
    'dialog',
    { 'aria-labelledby': headingId },
    make('header', {}, make('h2', { id: headingId }, options.heading), cross),
    ...options.content,
  );
  const close = (): void => dialog.close();
  cross.addEventListener('click', close);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog && isBeside(dialog, event)) close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    options.closed?.();
  });
  // In full screen only what is inside the element that fills it can be seen.
  (document.fullscreenElement ?? document.body).append(dialog);
  dialog.showModal();
  return close;
}

/** The backdrop belongs to the dialog: only the place tells them apart. */
function isBeside(dialog: HTMLDialogElement, { clientX, clientY }: MouseEvent): boolean {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
