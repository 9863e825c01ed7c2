// Boots the image in QEMU for as long as a command runs, which finds the box by ONAIR_VM; without a command, until
// Ctrl-C, for people who want to look at it.
//   node --import tsx test/support/vm/boot.ts [COMMAND ARGUMENT…]        ARCH=amd64|arm64
// ONAIR_VM_ARGUMENTS are further kernel arguments: systemd.debug_shell=ttyS0 gives a root shell on the console early on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bootStandardBox } from './standard-box.ts';

const [command, ...args] = process.argv.slice(2);
const startedAtMs = Date.now();
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());

console.error('booting the image');
const vm = await bootStandardBox({
  kernelArguments: process.env.ONAIR_VM_ARGUMENTS ?? '',
  signal: ending.signal,
});
const upAfterS = ((Date.now() - startedAtMs) / 1000).toFixed(0);
console.error(`the box is up after ${upAfterS} s; bounds are taken ${vm.shell.slowness.toFixed(1)} times`);
try {
  if (command) {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ONAIR_VM: vm.folder } });
    ending.signal.addEventListener('abort', () => child.kill('SIGTERM'));
    if (ending.signal.aborted) child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    process.exitCode = code ?? 1;
  } else {
    console.log(`its page        ${vm.origin}/`);
    console.log(`a shell in it   ssh ${vm.shell.arguments.join(' ')}`);
    console.log(
      `its console     tail -f ${vm.folder}/console.log, and to type: socat -,raw,echo=0 ${vm.folder}/console`,
    );
    console.log(`tests in it     ONAIR_VM=${vm.folder} npx tap test/appliance/running/NAME.test.ts`);
    console.log('Ctrl-C switches it off.');
    if (!ending.signal.aborted) await once(ending.signal, 'abort');
  }
} finally {
  await vm.remove();
}
