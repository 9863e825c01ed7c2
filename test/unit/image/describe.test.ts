import t from 'tap';
import { billOfMaterials } from '../../../image/describe/cyclonedx.ts';
import { readStatus, withDependencies } from '../../../image/describe/debian-status.ts';
import { imagerRepository } from '../../../image/describe/imager.ts';

const status = `Package: libnode115
Status: install ok installed
Priority: optional
Architecture: arm64
Source: nodejs (20.19.2+dfsg-1)
Version: 20.19.2+dfsg-1+b1
Depends: libc6 (>= 2.38), libssl3t64 (>= 3.0.0) | libssl4
Description: evented I/O for V8 javascript - runtime library
 More about it.

Package: gone
Status: deinstall ok config-files
Architecture: arm64
Version: 1

Package: libc6
Essential: yes
Status: install ok installed
Architecture: arm64
Version: 2.41-12
Provides: libc6-virtual (= 1)
Description: GNU C Library

Package: onair
Status: install ok installed
Architecture: arm64
Version: 0.1.0
Depends: libnode115, libc6-virtual
Description: this
`;

t.test("dpkg's record", async (t) => {
  const installed = readStatus(status);
  t.strictSame(
    installed.map(({ name }) => name),
    ['libnode115', 'libc6', 'onair'],
  );
  t.match(installed[0], {
    source: 'nodejs',
    sourceVersion: '20.19.2+dfsg-1',
    depends: [['libc6'], ['libssl3t64', 'libssl4']],
    description: 'evented I/O for V8 javascript - runtime library',
    essential: false,
  });
  t.match(installed[1], {
    source: 'libc6',
    sourceVersion: '2.41-12',
    essential: true,
    provides: ['libc6-virtual'],
  });
  t.strictSame([...withDependencies(installed, ['onair'])].sort(), ['libc6', 'libnode115', 'onair']);
  t.strictSame([...withDependencies(installed, ['libc6'])], ['libc6']);
});

t.test('the bill of materials names all that is inside, the same every time', async (t) => {
  const materials = {
    version: '0.1.0',
    date: 1_700_000_000,
    debian: readStatus(status),
    npm: {
      '': { version: '0.1.0' },
      'node_modules/@serialport/stream': { version: '13.0.0', license: 'MIT', integrity: 'sha512-AAEC' },
      'node_modules/a/node_modules/pako': { version: '2.1.0', license: '(MIT AND Zlib)' },
      'node_modules/tap': { version: '21.8.0', dev: true },
    },
  };
  const bom = billOfMaterials(materials);
  t.strictSame(bom, billOfMaterials(materials));
  t.match(bom, {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    metadata: { timestamp: '2023-11-14T22:13:20.000Z', component: { name: 'onair', version: '0.1.0' } },
  });
  t.strictSame(
    bom.components.map(({ purl }) => purl),
    [
      'pkg:deb/debian/libc6@2.41-12?arch=arm64&distro=debian-13',
      'pkg:deb/debian/libnode115@20.19.2%2Bdfsg-1%2Bb1?arch=arm64&distro=debian-13&upstream=nodejs%4020.19.2%2Bdfsg-1',
      'pkg:npm/%40serialport/stream@13.0.0',
      'pkg:npm/pako@2.1.0',
    ],
  );
  t.strictSame(bom.components[2]?.hashes, [{ alg: 'SHA-512', content: '000102' }]);
  t.strictSame(bom.components[3]?.licenses, [{ expression: 'MIT AND Zlib' }]);
});

t.test('what Raspberry Pi Imager wants to know', async (t) => {
  const { os_list: list } = imagerRepository({
    version: '0.1.0',
    flavour: 'debian',
    boards: ['pi-3', 'pi-4', 'pi-5', 'pi-zero-2-w'],
    url: 'https://example.com/onair-0.1.0-arm64.img.zst',
    extractSize: 700,
    extractSha256: 'aa',
    downloadSize: 300,
    downloadSha256: 'bb',
    date: 1_700_000_000,
  });
  t.equal(list.length, 1);
  const [entry] = list;
  t.match(entry, {
    name: 'Onair 0.1.0',
    url: 'https://example.com/onair-0.1.0-arm64.img.zst',
    extract_size: 700,
    extract_sha256: 'aa',
    image_download_size: 300,
    image_download_sha256: 'bb',
    release_date: '2023-11-14',
    devices: ['pi3-64bit', 'pi4-64bit', 'pi5-64bit'],
    init_format: 'none',
    icon: /^data:image\/svg/,
  });
  for (const [key, value] of Object.entries(entry ?? {})) t.ok(value, key);
});
