import { ApiError } from '#core/protocol/client.ts';
import { type FingerprintPlace, proveCertificate } from '#core/protocol/endpoints/certificate.ts';
import { callApi } from '../page/api.ts';
import { element } from '../page/elements.ts';
import type { Say } from '../page/language.ts';
import type { Key } from './words.ts';

const failures: Readonly<Record<string, Key>> = {
  timeout: 'proofTimeout',
  conflict: 'proofConflict',
  'rate-limited': 'proofTooOften',
};

/**
 * Has the box's lights flash a digit of its fingerprint, once somebody held its button.
 * @param onPlace hears which digit it is, to mark it in the fingerprint
 */
export function offerProof(options: {
  say: Say<Key>;
  onPlace: (place: FingerprintPlace | null) => void;
}): void {
  const { say, onPlace } = options;
  const button = element('prove', HTMLButtonElement);
  const line = element('proof', HTMLElement);
  const ask = async (): Promise<void> => {
    button.disabled = true;
    onPlace(null);
    line.textContent = say('proofHold');
    try {
      const place = await callApi(proveCertificate);
      onPlace(place);
      line.textContent = say('proofShown', place);
    } catch (error) {
      line.textContent = say((error instanceof ApiError && failures[error.code]) || 'proofFailed');
    } finally {
      button.disabled = false;
    }
  };
  button.addEventListener('click', () => void ask());
}
