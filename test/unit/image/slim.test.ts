import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { elements } from '#cli/doctor/gstreamer-elements.ts';
import { readStatus } from '../../../image/describe/debian-status.ts';
import { readElf } from '../../../image/slim/elf.ts';
import { linkedClosure, realIn } from '../../../image/slim/linked-closure.ts';
import { mediaLeftovers, mediaPackages } from '../../../image/slim/media-leftovers.ts';
import { PackageRecords } from '../../../image/slim/package-records.ts';
import { listIn, pathMatcher } from '../../../image/slim/word-list.ts';

/** The smallest file with a dynamic section: what it is linked with, and nothing else. */
function elf(...needed: string[]): Buffer {
  const strings = Buffer.from(`\0${needed.join('\0')}\0`);
  const dynamic = Buffer.alloc((needed.length + 1) * 16);
  needed.forEach((name, index) => {
    dynamic.writeBigUInt64LE(1n, index * 16);
    dynamic.writeBigUInt64LE(BigInt(strings.indexOf(`\0${name}\0`) + 1), index * 16 + 8);
  });
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01', 'latin1');
  const stringsAt = 64;
  const dynamicAt = stringsAt + strings.length;
  header.writeBigUInt64LE(BigInt(dynamicAt + dynamic.length), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(2, 60);
  const sections = Buffer.alloc(128);
  sections.writeUInt32LE(3, 4);
  sections.writeBigUInt64LE(BigInt(stringsAt), 24);
  sections.writeUInt32LE(6, 64 + 4);
  sections.writeBigUInt64LE(BigInt(dynamicAt), 64 + 24);
  sections.writeUInt32LE(0, 64 + 40);
  return Buffer.concat([header, strings, dynamic, sections]);
}

async function tree(
  files: Record<string, Buffer | string>,
  links: Record<string, string> = {},
): Promise<string> {
  const folder = t.testdir({});
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
  for (const [path, target] of Object.entries(links)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await symlink(target, join(folder, path));
  }
  return folder;
}

t.test('what a program is linked with', async (t) => {
  t.strictSame(readElf(elf('liba.so.1', 'libc.so.6')), { needed: ['liba.so.1', 'libc.so.6'] });
  t.equal(readElf(Buffer.from('#!/bin/sh\n')), undefined);
  t.equal(readElf(Buffer.alloc(0)), undefined);
  if (process.platform === 'linux') t.ok(readElf(await readFile('/bin/ls'))?.needed.includes('libc.so.6'));
});

t.test('libraries are followed through links, the tree taken for /', async (t) => {
  const folder = await tree(
    {
      'usr/lib/x/gstreamer-1.0/libgstx264.so': elf('libx264.so.164', 'libblas.so.3'),
      'usr/lib/x/libx264.so.164': elf('libc.so.6'),
      'usr/lib/x/libc.so.6': elf(),
      'usr/lib/x/blas/libblas.so.3.12': elf('libc.so.6'),
      'usr/lib/x/libunused.so.1': elf('libc.so.6'),
    },
    {
      'usr/lib/x/libblas.so.3': '/etc/alternatives/libblas',
      'etc/alternatives/libblas': '/usr/lib/x/blas/libblas.so.3.12',
    },
  );
  t.equal(realIn(folder, 'usr/lib/x/libblas.so.3'), 'usr/lib/x/blas/libblas.so.3.12');
  t.equal(realIn(folder, 'usr/lib/x/lost.so'), undefined);
  t.strictSame([...linkedClosure(folder, ['usr/lib/x/gstreamer-1.0/libgstx264.so'])].sort(), [
    'usr/lib/x/blas/libblas.so.3.12',
    'usr/lib/x/gstreamer-1.0/libgstx264.so',
    'usr/lib/x/libc.so.6',
    'usr/lib/x/libx264.so.164',
  ]);
});

const entry = (name: string, depends = ''): string =>
  `Package: ${name}\nStatus: install ok installed\nVersion: 1\nArchitecture: arm64\nDepends: ${depends}\n`;
const installed = readStatus(
  [
    entry('network-manager', 'libssl'),
    entry('libssl', 'openssl-data'),
    entry('openssl-data'),
    entry('gstreamer1.0-plugins-bad', 'libllvm, libx264, icons, libssl'),
    entry('libllvm', 'llvm-data'),
    entry('llvm-data'),
    entry('libx264', 'x264-data'),
    entry('x264-data'),
    entry('icons'),
  ].join('\n'),
);

t.test('only what the plugins alone asked for is looked at', async (t) => {
  const media = mediaPackages(installed, ['network-manager']);
  t.strictSame(
    media.map(({ name }) => name),
    ['gstreamer1.0-plugins-bad', 'libllvm', 'llvm-data', 'libx264', 'x264-data', 'icons'],
  );
  const files: Record<string, string[]> = {
    'gstreamer1.0-plugins-bad': ['gst/libgsth264.so'],
    libllvm: ['lib/libLLVM.so'],
    libx264: ['lib/libx264.so', 'lib/libx264-tools.so'],
  };
  const linked = new Set(['gst/libgsth264.so', 'lib/libx264.so']);
  const { packages, files: leftover } = mediaLeftovers(media, (name) => files[name] ?? [], linked);
  t.strictSame(packages.sort(), ['icons', 'libllvm', 'llvm-data']);
  t.strictSame(leftover, ['lib/libx264-tools.so']);
});

t.test("dpkg's record forgets what went, and nothing else", async (t) => {
  const folder = await tree({
    'var/lib/dpkg/status': `${entry('liba')}\n${entry('libab')}\n`,
    'var/lib/dpkg/info/liba:arm64.list': '/.\n/lib\n/lib/x/liba.so.1\n/usr/share/doc/liba\n',
    'var/lib/dpkg/info/liba:arm64.triggers': '',
    'var/lib/dpkg/info/libab.list': '/usr/lib/x/libab.so\n',
  });
  const records = new PackageRecords(folder);
  t.strictSame(records.pathsOf('liba'), ['lib', 'usr/lib/x/liba.so.1', 'usr/share/doc/liba']);
  records.forget(new Set(['liba']));
  const after = new PackageRecords(folder);
  t.strictSame(
    after.installed.map(({ name }) => name),
    ['libab'],
  );
  t.strictSame([after.pathsOf('liba'), after.pathsOf('libab')], [[], ['usr/lib/x/libab.so']]);
});

t.test('what is unwanted', async (t) => {
  const unwanted = pathMatcher(['usr/share/man', 'usr/lib/*/*.a', 'drivers/scsi/[a-c]*']);
  for (const path of ['usr/share/man', 'usr/share/man/man1/a.1', 'usr/lib/x/libc.a', 'drivers/scsi/aic/x.ko'])
    t.ok(unwanted(path), path);
  for (const path of ['usr/share/manual', 'usr/lib/x/y/libc.a', 'drivers/scsi/sd_mod.ko'])
    t.notOk(unwanted(path), path);
  t.notOk(pathMatcher([])('usr'));
  t.notOk(pathMatcher(listIn('unwanted-files.txt'))('usr/share/zoneinfo/UTC'));
});

t.test('the plugins of the pipeline stay', async (t) => {
  const kept = listIn('gstreamer-plugins.txt');
  t.strictSame([...kept].sort(), kept, 'sorted');
  /** Elements that `onair doctor` looks for → the plugin they are in. */
  const plugins: Record<string, string> = {
    videoconvert: 'videoconvertscale',
    x264enc: 'x264',
    h264parse: 'videoparsersbad',
    rtph264pay: 'rtp',
    opusenc: 'opus',
    gdppay: 'gdp',
    voaacenc: 'voaacenc',
    rtmp2sink: 'rtmp2',
    srtsink: 'srt',
    v4l2src: 'video4linux2',
    avdec_h264: 'libav',
    alsasrc: 'alsa',
    libcamerasrc: 'libcamera',
  };
  for (const { name } of elements) t.ok(kept.includes(plugins[name] ?? ''), name);
});
