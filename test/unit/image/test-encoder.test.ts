import { execFile, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

// What the virtual machine's hardware encoder (image/vm/encoder) writes, without kernel and machine.

const run = promisify(execFile);
/** What it uses of the kernel's headers. */
const kernelHeaders = {
  'types.h':
    '#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\ntypedef uint8_t u8;\ntypedef uint32_t u32;\n',
  'kernel.h':
    '#define DIV_ROUND_UP(a, b) (((a) + (b) - 1) / (b))\n#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))\nstatic inline unsigned int fls(unsigned int x) { return x ? 32 - __builtin_clz(x) : 0; }\n',
  'minmax.h':
    '#define min(a, b) ((a) < (b) ? (a) : (b))\n#define clamp_t(type, v, low, high) ((type)(v) < (type)(low) ? (type)(low) : (type)(v) > (type)(high) ? (type)(high) : (type)(v))\n',
};
const program = `#include <stdio.h>
#include <stdlib.h>
#include "h264.h"
/* WIDTH HEIGHT INTERLEAVED PROFILE BUDGET: raw pictures in, every fourth a key frame. */
int main(int count, char **words) {
  unsigned int n, width = atoi(words[1]), height = atoi(words[2]), area = width * height, mixed = atoi(words[3]);
  size_t length, size = area * 3 / 2, room = h264_worst_size(width, height);
  u8 *raw = malloc(size), *out = malloc(room);
  struct h264_stream stream = { .width = width, .height = height, .level = 40, .profile = atoi(words[4]) };
  stream.constrained = stream.profile == 66;
  for (n = 0; fread(raw, 1, size, stdin) == size; n++) {
    struct h264_picture picture = { raw, raw + area, mixed ? raw + area + 1 : raw + area + area / 4, width,
                                    mixed ? width : width / 2, mixed ? 2 : 1 };
    length = n % 4 == 0 ? h264_key_frame(&stream, &picture, true, out, room)
                        : h264_p_frame(&stream, &picture, atoi(words[5]), out, room);
    if (length == 0) return 1;
    fwrite(out, 1, length, stdout);
  }
  return count != 6;
}
`;

const folder = t.testdir();
const binary = join(folder, 'encode');
const built = await (async () => {
  await mkdir(join(folder, 'linux'));
  for (const [name, text] of Object.entries(kernelHeaders))
    await writeFile(join(folder, 'linux', name), text);
  await writeFile(join(folder, 'main.c'), program);
  const from = 'image/vm/encoder';
  const options = ['-O2', '-Wall', '-Wextra', '-Werror', '-fsanitize=undefined', '-I', folder, '-I', from];
  try {
    await run('cc', [...options, '-o', binary, join(folder, 'main.c'), `${from}/h264.c`]);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
})();

/** Pictures of all values, so that start codes would occur if nothing prevented them. */
function pictures(count: number, size: number): Buffer {
  const bytes = Buffer.alloc(count * size);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = at % 7 === 0 ? (at * 31) % 251 : at % 3;
  return bytes;
}

for (const [width, height, format, profile, name] of [
  [320, 180, 'yuv420p', 66, 'Constrained Baseline'],
  [322, 182, 'nv12', 77, 'Main'],
  [64, 48, 'yuv420p', 100, 'High'],
] as const) {
  t.test(`${width}x${height} ${format}, ${name}`, { skip: !built && 'no compiler here' }, async (t) => {
    const size = (width * height * 3) / 2;
    const raw = pictures(9, size);
    const words = [width, height, format === 'nv12' ? 1 : 0, profile, 2_000].map(String);
    const coded = spawnSync(binary, words, { input: raw, maxBuffer: 2 ** 28 });
    t.equal(coded.status, 0, String(coded.stderr));
    const decode = [
      '-v',
      'error',
      '-f',
      'h264',
      '-i',
      'pipe:0',
      '-f',
      'rawvideo',
      '-pix_fmt',
      format,
      'pipe:1',
    ];
    const decoded = spawnSync('ffmpeg', decode, { input: coded.stdout, maxBuffer: 2 ** 28 });
    t.equal(String(decoded.stderr), '', 'decoded without complaint');
    t.equal(decoded.stdout.length, raw.length, 'every picture');
    const picture = (of: Buffer, index: number) => of.subarray(index * size, (index + 1) * size);
    for (const key of [0, 4, 8])
      t.ok(picture(decoded.stdout, key).equals(picture(raw, key)), `key frame ${key} is what came in`);
    t.notOk(picture(decoded.stdout, 1).equals(picture(decoded.stdout, 0)), 'a P picture shows something new');
    const probe = [
      '-v',
      'error',
      '-f',
      'h264',
      '-i',
      'pipe:0',
      '-show_entries',
      'stream=profile,level',
      '-of',
      'json',
    ];
    const said = spawnSync('ffprobe', probe, { input: coded.stdout });
    t.match(JSON.parse(String(said.stdout)).streams, [{ profile: name, level: 40 }]);
  });
}
