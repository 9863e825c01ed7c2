import { getStatus } from '#core/protocol/endpoints/box.ts';
import './setup.css';
import { callApi } from '../page/api.ts';
import { element, make } from '../page/elements.ts';
import { languageOf, localize } from '../page/language.ts';
import { words } from './words.ts';

localize(document, words, languageOf(navigator.languages));

/** The addresses of this very box; without an answer the one that brought us here stays. */
async function showAddresses(): Promise<void> {
  const { device } = await callApi(getStatus);
  const port = location.port === '' ? '' : `:${location.port}`;
  const addresses = [`http://${device.hostname}.local${port}`, ...(device.address ? [device.address] : [])];
  element('addresses', HTMLElement).replaceChildren(
    ...addresses.map((address) => make('li', {}, make('a', { href: address }, address))),
  );
}

element('addresses', HTMLElement).append(
  make('li', {}, make('a', { href: location.origin }, location.origin)),
);
void showAddresses().catch(() => {});
