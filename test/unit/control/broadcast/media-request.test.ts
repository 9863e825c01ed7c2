import t from 'tap';
import { mediaRequestOf } from '#control/broadcast/media-request.ts';
import { mediaRequest } from '#core/domain/media.ts';
import { initialSettings } from '#core/domain/settings.ts';

const initial = () =>
  initialSettings({ deviceId: 'box-1', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });

t.test('media is asked for what the settings say, in the words of the link', (t) => {
  const rtp = { videoPort: 5000, audioPort: 5002 };
  const request = mediaRequestOf(initial(), rtp);
  t.same(mediaRequest.parse(request), request);
  t.same(request.rtp, rtp);
  t.equal(mediaRequestOf(initial(), null).rtp, null);
  t.end();
});
