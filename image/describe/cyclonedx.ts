import { createHash } from 'node:crypto';
import type { InstalledPackage } from './debian-status.ts';

/** One entry of package-lock.json's `packages`. */
export interface LockedPackage {
  version?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  link?: boolean;
}

/** What an image is made of, for its bill of materials. */
export interface Materials {
  version: string;
  /** Seconds since 1970: the sources' date. */
  date: number;
  debian: readonly InstalledPackage[];
  /** `packages` of package-lock.json: path → entry. */
  npm: Readonly<Record<string, LockedPackage>>;
}

/** A component as CycloneDX 1.6 has it (section `components`). */
export interface Component {
  type: 'application' | 'library' | 'operating-system';
  'bom-ref': string;
  name: string;
  version: string;
  purl?: string;
  description?: string;
  licenses?: { license: { id: string } }[] | { expression: string }[];
  hashes?: { alg: 'SHA-512'; content: string }[];
}

/** A bill of materials (CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/). */
export interface BillOfMaterials {
  bomFormat: 'CycloneDX';
  specVersion: '1.6';
  serialNumber: string;
  version: 1;
  metadata: { timestamp: string; component: Component };
  components: Component[];
}

/**
 * Writes down all that is in an image: Debian's packages as dpkg has them, and the npm packages that Onair's bundles and
 * native modules are made of. The same materials give the same document.
 */
export function billOfMaterials({ version, date, debian, npm }: Materials): BillOfMaterials {
  const components = [
    ...debian.filter(({ name }) => name !== 'onair').map(debianComponent),
    ...Object.entries(npm)
      .filter(([path, entry]) => path !== '' && !entry.dev && !entry.link)
      .map(npmComponent),
  ];
  const unique = [...new Map(components.map((one) => [one['bom-ref'], one])).values()];
  unique.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([version, unique]))}`,
    version: 1,
    metadata: {
      timestamp: new Date(date * 1000).toISOString(),
      component: {
        type: 'operating-system',
        'bom-ref': `onair@${version}`,
        name: 'onair',
        version,
        description: 'Onair, a live-streaming appliance: the image of its card',
      },
    },
    components: unique,
  };
}

function debianComponent(entry: InstalledPackage): Component {
  const qualifiers = [`arch=${entry.architecture}`, 'distro=debian-13'];
  if (entry.source !== entry.name || entry.sourceVersion !== entry.version) {
    qualifiers.push(`upstream=${encodeURIComponent(`${entry.source}@${entry.sourceVersion}`)}`);
  }
  const purl = `pkg:deb/debian/${encodeURIComponent(entry.name)}@${encodeURIComponent(entry.version)}?${qualifiers.join('&')}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name: entry.name,
    version: entry.version,
    purl,
    description: entry.description,
  };
}

function npmComponent([path, entry]: [string, LockedPackage]): Component {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const version = entry.version ?? '0';
  const purl = `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;
  const sha512 = /^sha512-(.+)$/.exec(entry.integrity ?? '')?.[1];
  const { license } = entry;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(license ? { licenses: licences(license) } : {}),
    ...(sha512
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(sha512, 'base64').toString('hex') }] }
      : {}),
  };
}

function licences(text: string): NonNullable<Component['licenses']> {
  return /\s/.test(text) ? [{ expression: text.replace(/^\((.*)\)$/, '$1') }] : [{ license: { id: text } }];
}

/** A UUID that follows from a text (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
