import { ViewerPage } from '../support/viewer-page.ts';
import { beLive, type Rig, type Spread, spreadOf } from './rig.ts';

const changes = 40;
const handMs = 120_000;
/** Full range is 255: a screen that a camera sees at least as clearly as this is aimed at well enough. */
const leastContrast = 40;

/** A page that is white or black all over, and says when it changes. */
const lamp = `<!doctype html><title>Aim the camera at this window</title>
<style>html { background: #000; height: 100% } html.lit { background: #fff }</style>
<script>
  function change() {
    document.documentElement.classList.toggle('lit');
    // The change is on the glass with the frame after this one at the latest.
    requestAnimationFrame(() => requestAnimationFrame(() => changed(Date.now(), document.documentElement.className)));
    setTimeout(change, 700 + 600 * Math.random());
  }
  change();
</script>`;

interface Change {
  atMs: number;
  lit: boolean;
}

/**
 * Glass to glass: the box's camera looks at this machine's screen, which turns white and black at random times, and a
 * viewer's page on the same machine, so by the same clock, sees it change in the picture.
 */
export async function measureGlass(rig: Rig): Promise<{ webrtcMs: Spread; hlsMs: Spread }> {
  await beLive(rig);
  const context = await rig.browser.newContext();
  const screen = await context.newPage();
  const said: Change[] = [];
  await screen.exposeFunction('changed', (atMs: number, name: string) =>
    said.push({ atMs, lit: name === 'lit' }),
  );
  await screen.setContent(lamp);
  console.log('  Aim the camera at the window that turns black and white, so that it fills the picture.');
  try {
    const tookMs = async (way: 'webrtc' | 'hls'): Promise<Spread> => {
      const viewer = await ViewerPage.open(rig.browser, rig.origin, { path: `/?way=${way}` });
      await viewer.nextPictures(1);
      const seen = await viewer.page.evaluate(watchBrightness, { changes, leastContrast, withinMs: handMs });
      await viewer.close();
      return spreadOf(delays(said, seen));
    };
    return { webrtcMs: await tookMs('webrtc'), hlsMs: await tookMs('hls') };
  } finally {
    await context.close();
  }
}

/** Each change seen belongs to the latest one of its kind before it. */
function delays(said: readonly Change[], seen: readonly Change[]): number[] {
  return seen.flatMap(({ atMs, lit }) => {
    const cause = said.findLast((change) => change.lit === lit && change.atMs <= atMs);
    return cause ? [atMs - cause.atMs] : [];
  });
}

/** In the viewer's page: when its picture crossed the middle between the darkest and the brightest seen. */
async function watchBrightness(options: {
  changes: number;
  leastContrast: number;
  withinMs: number;
}): Promise<Change[]> {
  const video = document.querySelector('video') as HTMLVideoElement;
  const canvas = new OffscreenCanvas(16, 9);
  const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  const seen: Change[] = [];
  let [least, most, lit] = [255, 0, null as boolean | null];
  return await new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      reject(
        new Error(
          `the picture's brightness changed by ${Math.round(most - least)} of 255 only, ${seen.length} times`,
        ),
      );
    }, options.withinMs);
    const look = (): void => {
      context.drawImage(video, 0, 0, 16, 9);
      const { data } = context.getImageData(0, 0, 16, 9);
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) sum += data[at + 1] ?? 0;
      const brightness = sum / (data.length / 4);
      [least, most] = [Math.min(least, brightness), Math.max(most, brightness)];
      const isLit = brightness > (least + most) / 2;
      if (most - least >= options.leastContrast && isLit !== lit) {
        if (lit !== null) seen.push({ atMs: Date.now(), lit: isLit });
        lit = isLit;
      }
      if (seen.length < options.changes) video.requestVideoFrameCallback(look);
      else {
        clearTimeout(patience);
        resolve(seen);
      }
    };
    video.requestVideoFrameCallback(look);
  });
}
