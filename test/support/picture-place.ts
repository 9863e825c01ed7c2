import { run } from './media-decode.ts';

const size = { width: 64, height: 36 };
const black = 28;

/** How many of 64 columns and 36 rows are black at the left and at the top of the last picture of a movie of 16:9. */
export async function placeOf(movie: Buffer): Promise<{ left: number; top: number }> {
  const filter = `scale=${size.width}:${size.height}:flags=area,format=gray`;
  const flags = ['-v', 'error', '-i', 'pipe:0', '-an', '-vf', filter, '-f', 'rawvideo', 'pipe:1'];
  const { output } = await run('ffmpeg', flags, movie);
  const picture = output.subarray(-size.width * size.height);
  const luma = (x: number, y: number) => picture[y * size.width + x] ?? 255;
  const columns = Array.from({ length: size.width }, (_, x) => x);
  const rows = Array.from({ length: size.height }, (_, y) => y);
  const left = columns.findIndex((x) => rows.some((y) => luma(x, y) > black));
  const top = rows.findIndex((y) => columns.some((x) => luma(x, y) > black));
  return { left, top };
}
