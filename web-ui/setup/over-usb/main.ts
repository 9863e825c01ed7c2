import { element, make, setText } from '../../page/elements.ts';
import { languageOf, localize, speaker } from '../../page/language.ts';
import { BoxError, BoxLine, type WebSerialPort } from './box-line.ts';
import { type BoxStatus, BoxView } from './box-view.ts';
import { type Key, words } from './words.ts';

interface WebSerial {
  requestPort(options: { filters?: { usbVendorId: number; usbProductId: number }[] }): Promise<WebSerialPort>;
}

/** The numbers of firmware/usb-gadget. */
const boxFilter = { usbVendorId: 0x1d6b, usbProductId: 0x0104 };
/** A line that people used may have a command under way. */
const tries = 3;
const tryMs = 3_000;

const language = languageOf(navigator.languages);
const say = speaker<Key>(words, language);
const serial = (navigator as { serial?: WebSerial }).serial;
const notice = element('notice', HTMLElement);
const connectButton = element('connect', HTMLButtonElement);
let line: BoxLine | null = null;
let view: BoxView | null = null;

localize(document, words, language);
element('unsupported', HTMLElement).hidden = serial !== undefined;
connectButton.disabled = serial === undefined;
element('all-ports', HTMLElement).hidden = serial === undefined;
connectButton.addEventListener('click', () => void connect([boxFilter]));
element('all-ports', HTMLButtonElement).addEventListener('click', () => void connect([]));
element('disconnect', HTMLButtonElement).addEventListener('click', () => void disconnect(null));

function tell(text: string, isWrong = false): void {
  setText(notice, text);
  notice.classList.toggle('wrong', isWrong);
  notice.hidden = text === '';
}

/** Does something for a press of a button, and says how it went. */
async function attempt(button: HTMLButtonElement, work: () => Promise<string>): Promise<void> {
  button.disabled = true;
  try {
    tell(await work());
  } catch (error) {
    const isSilent = !(error instanceof BoxError) || error.code === 'silent';
    tell(isSilent ? say('silent') : `${error.message} ${error.action}`.trim(), true);
  }
  button.disabled = false;
}

async function connect(filters: (typeof boxFilter)[]): Promise<void> {
  if (!serial || line) return;
  const port = await serial.requestPort(filters.length > 0 ? { filters } : {}).catch(() => null);
  if (port === null) return; // nothing was chosen
  tell(say('connecting'));
  connectButton.disabled = true;
  const opened = new BoxLine(port, {
    onMessage: (method, params) => {
      if (method === 'statusChanged') view?.showStatus(params.status as BoxStatus);
    },
    onLost: () => void disconnect('lost'),
  });
  line = opened;
  try {
    await opened.open();
  } catch {
    await disconnect('inUse');
    return;
  }
  if (!(await answers(opened))) {
    await disconnect('noAnswer');
    return;
  }
  tell('');
  show(true);
  view = new BoxView({ line: opened, say, attempt, make });
  await view.start();
}

async function answers(opened: BoxLine): Promise<boolean> {
  for (let left = tries; left > 0; left -= 1) {
    try {
      await opened.call('help', {}, tryMs);
      return true;
    } catch (error) {
      if (error instanceof BoxError && error.code !== 'silent') return true;
    }
  }
  return false;
}

async function disconnect(why: Key | null): Promise<void> {
  const closing = line;
  line = null;
  view = null;
  await closing?.close();
  connectButton.disabled = false;
  show(false);
  tell(why === null ? '' : say(why), why !== null);
}

function show(isConnected: boolean): void {
  element('start', HTMLElement).hidden = isConnected;
  element('box', HTMLElement).hidden = !isConnected;
}
