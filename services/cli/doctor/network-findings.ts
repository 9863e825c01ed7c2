import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, installCommand } from './finding.ts';

const programFolders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** What a box is found by, and what runs its radio: without them it is found by its address, in a network that is there. */
export function checkNetwork(): Finding[] {
  return [
    checkProgram('avahi-daemon', 'avahi-daemon', 'the box is found by its address only, not by NAME.local'),
    checkProgram('nmcli', 'network-manager', 'the box joins no wireless network by itself'),
  ];
}

function checkProgram(program: string, debianPackage: string, without: string): Finding {
  return {
    what: program,
    present: programFolders.some((folder) => existsSync(join(folder, program))),
    without,
    fix: installCommand([debianPackage]),
    debianPackage,
    needed: false,
  };
}
