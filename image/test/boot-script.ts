/** U-Boot's own places lie within a kernel of this size, which is not compressed. */
const deviceTreeAddress = '0x07f00000';
const ramdiskAddress = '0x08000000';

/** What U-Boot is told, one command a line: to do what the board's own firmware does with config.txt of boot partition A. */
export function bootCommands(cmdline: string, deviceTree: string): string[] {
  return [
    `setenv fdt_addr_r ${deviceTreeAddress}`,
    `setenv ramdisk_addr_r ${ramdiskAddress}`,
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are U-Boot's variables
    'fatload mmc 0:2 ${kernel_addr_r} vmlinuz',
    'fatload mmc 0:2 ${ramdisk_addr_r} initrd.img',
    'setenv initrd_size ${filesize}',
    `fatload mmc 0:2 \${fdt_addr_r} ${deviceTree}`,
    `setenv bootargs '${bootArguments(cmdline)}'`,
    'booti ${kernel_addr_r} ${ramdisk_addr_r}:${initrd_size} ${fdt_addr_r}',
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: these are U-Boot's variables
  ];
}

/**
 * The kernel's arguments as the firmware would give them: `serial0` is the serial port of the pins, which is the second
 * one here. Beside them, only for this test: a shell on that port that looks at the box from inside, and no watchdog, since
 * the emulated one restarts the board as soon as it is wound up.
 */
export function bootArguments(cmdline: string): string {
  const words = cmdline
    .trim()
    .split(/\s+/)
    .filter((word) => word !== 'quiet' && !word.startsWith('loglevel=') && word !== 'console=tty1')
    .map((word) => word.replace('console=serial0', 'console=ttyS1'));
  const forTest = [
    'systemd.debug_shell=ttyS1',
    'systemd.mask=serial-getty@ttyS1.service',
    'module_blacklist=bcm2835_wdt',
  ];
  return [...words, ...forTest].join(' ');
}
