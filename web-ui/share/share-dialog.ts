import { openDialog } from '../page/dialog.ts';
import { make, setText } from '../page/elements.ts';
import { type Language, type Say, speaker } from '../page/language.ts';
import type { StatusReply } from '../server/messages.ts';
import { type Place, sharedAddresses } from './address.ts';
import { qrCode } from './qr-code.ts';
import { type ShareKey, shareWords } from './words.ts';

/** Shows under which address others find this page, to scan, to copy and to send. */
export function openShare(options: { language: Language; status: StatusReply | null; place: Place }): void {
  const say = speaker(shareWords, options.language);
  const [address, other] = sharedAddresses(options.status, options.place);
  openDialog({
    heading: say('heading'),
    closeLabel: say('close'),
    content: [address ? reachable(say, address, other) : make('p', {}, say('noAddress'))],
  });
}

function reachable(say: Say<ShareKey>, address: string, other: string | undefined): HTMLElement {
  return make(
    'div',
    { class: 'share' },
    qrCode(address, say('code', { address })),
    make('p', {}, say('scan')),
    make(
      'p',
      { class: 'addresses', dir: 'ltr' },
      make('a', { href: address }, address),
      other ? make('span', { class: 'quiet' }, ` ${say('or')} `) : null,
      other ? make('a', { href: other }, other) : null,
    ),
    make('p', { class: 'quiet small' }, say('sameNetwork')),
    make('div', { class: 'row' }, copyButton(say, address), sendButton(say, address)),
  );
}

function copyButton(say: Say<ShareKey>, address: string): HTMLButtonElement {
  const button = make('button', { type: 'button', class: 'button primary' }, say('copy'));
  button.addEventListener('click', async () => {
    if (await copy(address, button)) setText(button, say('copied'));
  });
  return button;
}

/** Without HTTPS there is no clipboard to write to: then by way of a selection, as before there was one. */
async function copy(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make('textarea', { class: 'unseen', readonly: true, tabindex: -1 }, text);
    near.after(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    near.focus();
    return done;
  }
}

/** The phone's own way to send something; only where there is one. */
function sendButton(say: Say<ShareKey>, url: string): HTMLButtonElement | null {
  if (!('share' in navigator)) return null;
  const button = make('button', { type: 'button', class: 'button' }, say('send'));
  button.addEventListener('click', () => {
    navigator.share({ title: document.title, url }).catch(() => {});
  });
  return button;
}
