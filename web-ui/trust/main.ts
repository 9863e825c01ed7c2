import './trust.css';
import {
  type CertificateBody,
  type FingerprintPlace,
  getCertificate,
} from '#core/protocol/endpoints/certificate.ts';
import { callApi } from '../page/api.ts';
import { element, make } from '../page/elements.ts';
import { languageOf, localize, speaker } from '../page/language.ts';
import { type DeviceKind, deviceKindOf } from './device-kind.ts';
import { showFingerprint } from './fingerprint.ts';
import { offerProof } from './proof.ts';
import { isTrusted, secureAddress } from './secure-address.ts';
import { type Key, words } from './words.ts';

const checkEveryMs = 2_000;

const language = languageOf(navigator.languages);
const say = speaker(words, language);
localize(document, words, language);

const steps: Record<DeviceKind, Key> = {
  windows: 'stepsWindows',
  mac: 'stepsMac',
  ios: 'stepsIos',
  android: 'stepsAndroid',
  firefox: 'stepsFirefox',
  linux: 'stepsLinux',
};

let fingerprint: string | null = null;
let marked: FingerprintPlace | null = null;

function showState(state: 'waiting' | 'secure' | 'trusted' | 'off' | 'none', key: Key): void {
  const line = element('state', HTMLElement);
  if (line.dataset.state === state && line.textContent === say(key)) return;
  line.dataset.state = state;
  line.textContent = say(key);
  element('open', HTMLElement).hidden = state !== 'trusted';
}

function showSteps(): void {
  const kind = deviceKindOf(navigator.userAgent, navigator.maxTouchPoints);
  element('steps', HTMLElement).textContent = say(steps[kind]);
  const others = Object.entries(steps).filter(([other]) => other !== kind);
  element('other-steps', HTMLElement).append(...others.map(([, key]) => make('li', {}, say(key))));
  const save = element('save', HTMLAnchorElement);
  const isApple = kind === 'ios' || kind === 'mac';
  save.href = isApple ? '/trust/onair.mobileconfig' : '/trust/onair-ca.crt';
  save.textContent = say(isApple ? 'saveProfile' : 'saveFile');
}

/** Looks again until this device trusts the box. */
async function check(): Promise<void> {
  const again = (): void => void setTimeout(() => void check(), checkEveryMs);
  let certificate: CertificateBody;
  try {
    certificate = await callApi(getCertificate);
  } catch {
    showState('none', 'stateNone');
    again();
    return;
  }
  const { authority, port } = certificate;
  fingerprint = authority.sha256;
  showFingerprint(fingerprint, marked);
  if (port === null) {
    showState('off', 'stateOff');
    again();
    return;
  }
  element('open-link', HTMLAnchorElement).href = secureAddress(location.hostname, port, '/');
  // Past a warning that somebody dismissed, every request goes through: that is not proof of trust.
  if (location.protocol === 'https:') showState('secure', 'stateSecure');
  else if (await isTrusted(location.hostname, port)) showState('trusted', 'stateTrusted');
  else {
    showState('waiting', 'stateWaiting');
    again();
  }
}

offerProof({
  say,
  onPlace: (place) => {
    marked = place;
    if (fingerprint !== null) showFingerprint(fingerprint, marked);
  },
});
showSteps();
showState('waiting', 'stateWaiting');
void check();
