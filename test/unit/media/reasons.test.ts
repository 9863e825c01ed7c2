import t from 'tap';
import { isPermanent, readErrorLine, reasonOf, reasonOfError, reasonOfFailure } from '#media/reasons.ts';

t.test("GStreamer's own lines become reasons", async (t) => {
  const prefix = '0:00:00.017810904  9381     0x1d694830 INFO        GST_ERROR_SYSTEM gstelement.c:2308:f:';
  for (const [line, code, message] of [
    [
      "<camera> posted error message: Cannot identify device '/dev/video0'.",
      'source-missing',
      /\/dev\/video0 does not exist/,
    ],
    ["<camera> posted error message: Device '/dev/video0' is busy", 'source-busy', /in use/],
    [
      "<camera> posted error message: Could not open device '/dev/video0' for reading and writing.",
      'source-denied',
      /may not be opened/,
    ],
    [
      "<camera> posted error message: Device '/dev/video0' is not a capture device.",
      'source-not-capture',
      /not a camera/,
    ],
    [
      '<camera> posted error message: Internal data stream error.',
      'source-lost',
      /Internal data stream error\.$/,
    ],
    [
      '<camera> posted error message: Could not find any supported camera on this system.',
      'no-camera',
      /CSI/,
    ],
    [
      '<microphone> posted error message: Could not open audio device for recording.',
      'audio-unavailable',
      /microphone/,
    ],
    ['<encoder> posted error message: Failed to process frame.', 'encoder-failed', /Failed to process frame/],
    ['<udpsink0> posted error message: Out of memory', 'pipeline-failed', /udpsink0: Out of memory/],
  ] as const) {
    const error = readErrorLine(prefix + line);
    if (error === null) t.fail(`not read: ${line}`);
    else t.match(reasonOfError(error, '/dev/video0'), { code, message }, line);
  }
});

t.test('other lines are no errors', async (t) => {
  for (const line of [
    '',
    'libva info: VA-API version 1.17.0',
    `0:00:00.01 1 0x1 INFO GST_ERROR_SYSTEM gstelement.c:1:f:<camera> posting message: Cannot identify device`,
    '0:00:00.01 1 0x1 ERROR GST_PIPELINE gst/parse/grammar.y:570:f: no element "x"',
  ]) {
    t.equal(readErrorLine(line), null, line);
  }
});

t.test('failures to build name what to install', async (t) => {
  t.match(reasonOfFailure('no element "x264enc"'), {
    code: 'element-missing',
    message: /no element x264enc/,
    action: /gstreamer1\.0-plugins-ugly/,
  });
  t.match(reasonOfFailure('no element "libcamerasrc"'), { action: /gstreamer1\.0-libcamera/ });
  t.match(reasonOfFailure('no element "v4l2h264enc"'), { code: 'encoder-missing' });
  t.match(reasonOfFailure('clip-without-pictures'), { code: 'clip-without-pictures' });
  t.match(reasonOfFailure('something else'), { code: 'pipeline-failed', message: /something else/ });
});

t.test('words from outside stay words', async (t) => {
  const { message } = reasonOf('clip-missing', `/a\n\u0000b$&\u2028${'x'.repeat(500)}`);
  t.ok(message.length < 260, 'bounded');
  t.notMatch(message, /[\p{Cc}\p{Zl}]/u, 'printable');
  t.match(message, /\/a b\$& x+… does not exist\./, 'and nothing in them is a pattern');
});

t.test('only what no second try fixes is permanent', async (t) => {
  for (const code of ['source-missing', 'clip-unreadable', 'element-missing', 'request-invalid'] as const) {
    t.ok(isPermanent(reasonOf(code)), code);
  }
  for (const code of [
    'source-busy',
    'source-lost',
    'no-frames',
    'pipeline-died',
    'encoder-failed',
  ] as const) {
    t.notOk(isPermanent(reasonOf(code)), code);
  }
});
