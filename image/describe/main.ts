/**
 * Writes the documents that go with an image:
 *   node --import tsx image/describe/main.ts IMAGE.img FLAVOUR BOARDS DPKG-STATUS DATE
 * IMAGE.img and IMAGE.img.zst are there; IMAGE.cdx.json (bill of materials) and IMAGE.imager.json are written.
 * ONAIR_DOWNLOAD_URL says where the compressed image will be found: a folder's URL; by default it is where it is now.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { billOfMaterials, type LockedPackage } from './cyclonedx.ts';
import { readStatus } from './debian-status.ts';
import { type ImageFile, imagerRepository } from './imager.ts';

const [image, flavour, boards, status, date] = process.argv.slice(2);
if (
  image === undefined ||
  boards === undefined ||
  status === undefined ||
  !isFlavour(flavour) ||
  !Number(date)
) {
  console.error('describe: main.ts IMAGE.img debian|raspios BOARDS DPKG-STATUS DATE');
  process.exit(2);
}

const root = new URL('../../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const lock = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const name = image.replace(/\.img$/, '');
const compressed = `${image}.zst`;

write(
  `${name}.cdx.json`,
  billOfMaterials({
    version,
    date: Number(date),
    debian: readStatus(readFileSync(status, 'utf8')),
    npm: lock.packages,
  }),
);
write(
  `${name}.imager.json`,
  imagerRepository({
    version,
    flavour,
    boards: boards.split(' '),
    url: urlOf(compressed),
    extractSize: statSync(image).size,
    extractSha256: await sha256Of(image),
    downloadSize: statSync(compressed).size,
    downloadSha256: await sha256Of(compressed),
    date: Number(date),
  }),
);

function isFlavour(text: string | undefined): text is ImageFile['flavour'] {
  return text === 'debian' || text === 'raspios';
}

function urlOf(path: string): string {
  const folder = process.env.ONAIR_DOWNLOAD_URL;
  return folder ? `${folder.replace(/\/*$/, '/')}${basename(path)}` : pathToFileURL(resolve(path)).href;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function write(path: string, document: unknown): void {
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
}
