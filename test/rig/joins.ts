import { ViewerPage } from '../support/viewer-page.ts';
import { beLive, type Rig, type Spread, spreadOf } from './rig.ts';

const joins = 20;

/** From opening the page in this machine's browser to its first picture. */
export async function measureJoins(rig: Rig): Promise<{ webrtcMs: Spread; hlsMs: Spread }> {
  await beLive(rig);
  const tookMs = async (way: 'webrtc' | 'hls'): Promise<Spread> => {
    const each: number[] = [];
    for (let count = 0; count < joins; count += 1) {
      const viewer = await ViewerPage.open(rig.browser, rig.origin, { path: `/?way=${way}` });
      each.push(await viewer.joinMs());
      await viewer.close();
    }
    return spreadOf(each);
  };
  return { webrtcMs: await tookMs('webrtc'), hlsMs: await tookMs('hls') };
}
