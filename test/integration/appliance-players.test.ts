import { spawn, spawnSync } from 'node:child_process';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { watchWithGstreamer } from '../support/whep-client.ts';

t.setTimeout(240_000);

const appliance = await Appliance.start({ settings: { video: { width: 640, height: 360 } } });
t.teardown(() => appliance.close());
const origin = await appliance.origin();
const playlist = `${origin}/hls/live.m3u8`;
t.equal((await appliance.onair('live')).exitCode, 0);

interface Finished {
  exitCode: number;
  output: string;
}

/** Runs a player to its end, or until its output is enough. */
async function run(
  command: string,
  args: string[],
  enough: (output: string) => boolean = () => false,
): Promise<Finished> {
  return await new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 45_000 });
    const hear = (chunk: Buffer): void => {
      output += chunk;
      if (enough(output)) child.kill('SIGKILL');
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', (code) => resolve({ exitCode: code ?? -1, output }));
  });
}

interface Played {
  count: number;
  /** Of the stream's own time, from the first to the last. */
  seconds: number;
}

/** What ffmpeg's framecrc lists of one stream: `0, dts, pts, duration, size, crc`, and `#tb 0: 1/90000`. */
function framesOf(output: string, stream: number): Played {
  const [, per = '1', base = '1'] = new RegExp(`^#tb ${stream}: (\\d+)/(\\d+)`, 'm').exec(output) ?? [];
  const times = [...output.matchAll(new RegExp(`^${stream}, *\\d+, *(\\d+),`, 'gm'))].map(([, pts]) =>
    Number(pts),
  );
  return { count: times.length, seconds: spanOf(times) * (Number(per) / Number(base)) };
}

/** What a fakesink of gst-launch-1.0 has shown. */
function shown(output: string, sink: string): Played {
  const line = new RegExp(`GstFakeSink:${sink}: last-message = chain.*?pts: (\\d+):(\\d+):([\\d.]+)`, 'g');
  const times = [...output.matchAll(line)].map(
    ([, hours, minutes, seconds]) => Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds),
  );
  return { count: times.length, seconds: spanOf(times) };
}

function spanOf(times: readonly number[]): number {
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}

function absent(command: string, ...args: string[]): string | false {
  return spawnSync(command, args).status === 0
    ? false
    : `${[command, ...args].join(' ')}: not on this machine`;
}

t.test('players that are none of ours, all at once', { jobs: 4 }, async (t) => {
  t.test('ffmpeg plays the HLS for 10 s', { skip: absent('ffmpeg', '-version') }, async (t) => {
    // What is written is what was decoded: one line a frame.
    const { exitCode, output } = await run('ffmpeg', [
      ...['-nostdin', '-hide_banner', '-loglevel', 'warning', '-i', playlist, '-t', '10'],
      ...['-map', '0:v', '-map', '0:a', '-f', 'framecrc', '-'],
    ]);
    t.equal(exitCode, 0, output.split('\n').slice(-5).join('\n'));
    const lines = output.split('\n');
    // How many pictures the box encodes in that time is up to the machine; their time goes on.
    t.ok(framesOf(output, 0).seconds > 9, `pictures: ${JSON.stringify(framesOf(output, 0))}`);
    t.ok(framesOf(output, 0).count >= 50, 'not a few of them');
    t.ok(framesOf(output, 1).seconds > 9, `sound: ${JSON.stringify(framesOf(output, 1))}`);
    t.same(
      lines.filter((line) => /error|invalid|corrupt|fail|non.monoton/i.test(line)),
      [],
      'not a word of trouble',
    );
  });

  t.test(
    'GStreamer plays the HLS for 10 s',
    { skip: absent('gst-inspect-1.0', '--exists', 'hlsdemux') },
    async (t) => {
      const startedAtMs = Date.now();
      const { output } = await run(
        'gst-launch-1.0',
        [
          ...['-v', 'uridecodebin', `uri=${playlist}`, 'name=player'],
          ...'player. ! queue ! videoconvert ! fakesink name=pictures silent=false sync=true'.split(' '),
          ...'player. ! queue ! audioconvert ! fakesink name=sound silent=false sync=true'.split(' '),
        ],
        (soFar) => shown(soFar, 'pictures').seconds >= 10 && shown(soFar, 'sound').seconds >= 9,
      );
      const [pictures, sound] = [shown(output, 'pictures'), shown(output, 'sound')];
      t.ok(pictures.seconds >= 10 && pictures.count >= 50, `pictures: ${JSON.stringify(pictures)}`);
      t.ok(sound.seconds >= 9 && sound.count >= 50, `sound: ${JSON.stringify(sound)}`);
      t.ok(Date.now() - startedAtMs > 8_000, 'in their own time');
      t.notMatch(output, /ERROR|WARNING/, 'not a word of trouble');
    },
  );

  for (const mode of ['gather', 'trickle'] as const) {
    t.test(`GStreamer's WebRTC client over WHEP: ${mode}`, async (t) => {
      const report = await watchWithGstreamer(`${origin}/whep`, { frames: 60, mode });
      if (typeof report === 'string') {
        t.pass('an independent client', { skip: report });
        return;
      }
      t.equal(report.problem, null);
      t.ok(report.frames >= 60, `decoded: ${report.frames} pictures, ${report.sound} buffers of sound`);
      t.ok(report.different >= 45, `${report.different} of them differ`);
      t.match(report, { width: 640, height: 360, deleted: 200, deletedAgain: 404 });
      t.ok(report.answeredCandidates > 0, 'the answer has candidates');
      if (mode === 'gather') {
        t.ok(report.offeredCandidates > 0);
        t.same(report.trickled, []);
      } else {
        t.equal(report.offeredCandidates, 0);
        t.ok(report.trickled.length > 0, `PATCH: ${report.trickled.length}`);
        t.ok(report.trickled.every((status) => status === 204));
      }
    });
  }
});
