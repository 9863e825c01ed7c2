import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { shortFolder } from '../support/short-folder.ts';
import { WebRtcViewer } from '../support/webrtc-viewer.ts';

t.setTimeout(240_000);

/** What a kernel started with ipv6.disable=1 says to who asks for such a socket. */
const source = `
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
int socket(int domain, int type, int protocol) {
  if (domain == AF_INET6) { errno = EAFNOSUPPORT; return -1; }
  return syscall(SYS_socket, domain, type, protocol);
}
`;
const skip = spawnSync('cc', ['--version']).status === 0 ? false : 'cc is not on this machine';

t.test('without IPv6: page, HLS and WebRTC over IPv4', { skip }, async (t) => {
  const folder = await shortFolder(t);
  const library = join(folder, 'nov6.so');
  writeFileSync(join(folder, 'nov6.c'), source);
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(folder, 'nov6.c')]);
  const without = { LD_PRELOAD: library };
  const refused = spawnSync('python3', ['-c', 'import socket; socket.socket(socket.AF_INET6)'], {
    env: { ...process.env, ...without },
  });
  t.match(String(refused.stderr), /Address family not supported/, 'it is without IPv6 indeed');

  const appliance = await Appliance.start({
    environment: without,
    settings: { video: { width: 320, height: 180, framesPerSecond: 15 } },
  });
  t.teardown(() => appliance.close());
  const origin = await appliance.origin();
  t.match(await ask('GET', `${origin}/`), { status: 200, text: /<title>/ });
  t.equal((await appliance.onair('live')).exitCode, 0);
  const playlist = await ask('GET', `${origin}/hls/live.m3u8`);
  t.match(playlist, { status: 200, text: /#EXTM3U/ });

  const viewer = new WebRtcViewer();
  t.teardown(() => viewer.close());
  const answer = await ask('POST', `${origin}/whep`, {
    headers: { 'content-type': 'application/sdp' },
    body: await viewer.offer(),
  });
  t.equal(answer.status, 201, answer.text);
  viewer.accept(answer.text);
  await viewer.until('video', () => viewer.video.length >= 20);
  t.pass('pictures come');
});
