import t from 'tap';
import { reasonOfBundle } from '#update/rauc-installer.ts';

// What RAUC 1.13 said of bundles that it did not take.

const said: [words: string, code: string][] = [
  [
    'Call failed: Invalid bundle format: Signature size (5994672006197312680) exceeds bundle size',
    'update-torn',
  ],
  ['Call failed: signature verification failed: Verify error: self-signed certificate', 'update-signature'],
  [
    "Call failed: Compatible mismatch: Expected 'onair-debian-arm64' but bundle manifest has 'x'",
    'update-other-box',
  ],
  ['Failed updating slot: failed to write: No space left on device', 'update-not-written'],
  ['Failed to open bundle: whatever', 'update-torn'],
];

t.test('each is told as what it is', async (t) => {
  for (const [words, code] of said) t.equal(reasonOfBundle(new Error(words)).code, code, words);
});
